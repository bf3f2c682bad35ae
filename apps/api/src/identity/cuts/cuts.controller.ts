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
import { CutBody, CutDto, CutPageDto, CutPair, CutsQuery } from './cut.dto.js';
import { CutsService, type ShownCut } from './cuts.service.js';

@ApiTags('identity')
@Secured()
@Controller('v1/identity/cuts')
export class CutsController {
  constructor(private readonly cuts: CutsService) {}

  @Get()
  @ApiOperation({ summary: 'The pairs that are kept apart, or were' })
  @ApiOkResponse({ type: CutPageDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  list(@Query() query: CutsQuery): Page<ShownCut> {
    return orThrow(this.cuts.list(query));
  }

  @Get(':a/:b')
  @ApiOperation({ summary: 'One cut, also one that was lifted' })
  @ApiOkResponse({ type: CutDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  find(@Param() pair: CutPair, @Res({ passthrough: true }) reply: Reply): ShownCut {
    const cut = orThrow(this.cuts.find(pair));
    reply.header('etag', etagOf(cut));
    return cut;
  }

  @Put(':a/:b')
  @ApiOperation({
    summary: 'Keep two identifiers apart, whatever else joins them',
    description:
      'If they are one person, they are two within a second, and stay so: every link that would bring them together is refused. No event is lost or changed.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({ type: CutDto, description: 'they were kept apart already' })
  @ApiCreatedResponse({ type: CutDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'too many cuts name one of the two' })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async put(
    @Param() pair: CutPair,
    @Body() { reason }: CutBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ShownCut> {
    const { cut, created } = orThrow(await this.cuts.put(pair, reason, preconditions));
    reply.status(created ? 201 : 200).header('etag', etagOf(cut));
    return cut;
  }

  @Delete(':a/:b')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lift a cut: what joins the two joins them again' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async lift(@Param() pair: CutPair, @IfMatches() preconditions: Preconditions): Promise<void> {
    orThrow(await this.cuts.lift(pair, preconditions));
  }
}
