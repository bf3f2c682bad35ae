import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Preconditions } from '../../control/changes.js';
import { orThrow } from '../../http/api.errors.js';
import { Conditional, Fails, IfMatches } from '../../http/route.decorators.js';
import type { Page } from '../../http/page.js';
import type { HttpReply } from '@tributary/service';
import { answer } from '../../http/reply.js';
import { SplitBody, SplitDto, SplitPageDto, SplitPair, SplitsQuery, type ShownSplit } from './split.dto.js';
import { SplitsService } from './splits.service.js';

@ApiTags('identity')
@Controller('v1/identity/splits')
export class SplitsController {
  constructor(private readonly splits: SplitsService) {}

  @Get()
  @ApiOperation({ summary: 'The pairs that are kept apart, or were' })
  @ApiOkResponse({ standardSchema: SplitPageDto })
  @Fails(400)
  list(@Query({ schema: SplitsQuery }) query: SplitsQuery): Page<ShownSplit> {
    return orThrow(this.splits.list(query));
  }

  @Get(':a/:b')
  @ApiOperation({ summary: 'One split, also one that was removed' })
  @ApiOkResponse({ standardSchema: SplitDto })
  @Fails(400, 404)
  find(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @Res({ passthrough: true }) reply: HttpReply,
  ): ShownSplit {
    return answer(reply, orThrow(this.splits.find(pair)));
  }

  @Put(':a/:b')
  @ApiOperation({
    summary: 'Keep two identifiers apart, whatever else joins them',
    description:
      'If they are one person, they are two within a second, and stay so: every link that would bring them together is refused. No event is lost or changed.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @ApiOkResponse({ standardSchema: SplitDto, description: 'they were kept apart already' })
  @ApiCreatedResponse({ standardSchema: SplitDto })
  @Fails(400, [409, 'too many splits name one of the two'], 503)
  async put(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @Body({ schema: SplitBody }) { reason }: SplitBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSplit> {
    const { split, created } = orThrow(await this.splits.put(pair, reason, preconditions));
    return answer(reply, split, created);
  }

  @Delete(':a/:b')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lift a split: what joins the two joins them again' })
  @Conditional('If-Match')
  @ApiNoContentResponse()
  @Fails(400, 404, 503)
  async lift(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @IfMatches() preconditions: Preconditions,
  ): Promise<void> {
    orThrow(await this.splits.lift(pair, preconditions));
  }
}
