import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPreconditionFailedResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { etagOf, type Preconditions } from '../../control/changes.js';
import { orThrow } from '../../http/api.errors.js';
import { ErrorDto } from '../../http/error.dto.js';
import type { Page } from '../../http/page.js';
import type { Reply } from '../../http/reply.js';
import { IF_MATCH, IF_NONE_MATCH, IfMatches } from '../../http/preconditions.decorator.js';
import { Secured } from '../../http/secured.decorator.js';
import { SplitBody, SplitDto, SplitPageDto, SplitPair, SplitsQuery } from './split.dto.js';
import type { ShownSplit } from './shown-split.js';
import { SplitsService } from './splits.service.js';

@ApiTags('identity')
@Secured()
@Controller('v1/identity/splits')
export class SplitsController {
  constructor(private readonly splits: SplitsService) {}

  @Get()
  @ApiOperation({ summary: 'The pairs that are kept apart, or were' })
  @ApiOkResponse({ type: SplitPageDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  list(@Query() query: SplitsQuery): Page<ShownSplit> {
    return orThrow(this.splits.list(query));
  }

  @Get(':a/:b')
  @ApiOperation({ summary: 'One split, also one that was removed' })
  @ApiOkResponse({ type: SplitDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  find(@Param() pair: SplitPair, @Res({ passthrough: true }) reply: Reply): ShownSplit {
    const split = orThrow(this.splits.find(pair));
    reply.header('etag', etagOf(split));
    return split;
  }

  @Put(':a/:b')
  @ApiOperation({
    summary: 'Keep two identifiers apart, whatever else joins them',
    description:
      'If they are one person, they are two within a second, and stay so: every link that would bring them together is refused. No event is lost or changed.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({ type: SplitDto, description: 'they were kept apart already' })
  @ApiCreatedResponse({ type: SplitDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'too many splits name one of the two' })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async put(
    @Param() pair: SplitPair,
    @Body() { reason }: SplitBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ShownSplit> {
    const { split, created } = orThrow(await this.splits.put(pair, reason, preconditions));
    reply.status(created ? 201 : 200).header('etag', etagOf(split));
    return split;
  }

  @Delete(':a/:b')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lift a split: what joins the two joins them again' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async lift(@Param() pair: SplitPair, @IfMatches() preconditions: Preconditions): Promise<void> {
    orThrow(await this.splits.lift(pair, preconditions));
  }
}
