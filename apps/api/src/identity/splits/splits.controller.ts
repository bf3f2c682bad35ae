import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Needs } from '../../access/needs.js';
import { By } from '../../control/author.js';
import type { Preconditions } from '../../control/changes.js';
import type { ByWhom } from '../../control/definition-changes.js';
import { VersionPageDto, type ShownVersion } from '../../control/versions.dto.js';
import { orThrow } from '../../http/api.errors.js';
import { PageQuery } from '../../http/page.dto.js';
import { Changes, Conditional, Fails, IfMatches } from '../../http/route.decorators.js';
import type { Page } from '../../http/page.js';
import type { HttpReply } from '@tributary/service';
import { accepted, answer } from '../../http/reply.js';
import {
  SplitBody,
  SplitDto,
  SplitPageDto,
  SplitPair,
  SplitVersion,
  SplitsQuery,
  type ShownSplit,
} from './split.dto.js';
import { SplitsService } from './splits.service.js';

@ApiTags('identity')
@Needs('read')
@Controller('v1/identity/splits')
export class SplitsController {
  constructor(private readonly splits: SplitsService) {}

  @Get()
  @ApiOperation({ summary: 'The pairs that are kept apart, or were' })
  @ApiOkResponse({ standardSchema: SplitPageDto })
  @Fails(400)
  async list(@Query({ schema: SplitsQuery }) query: SplitsQuery): Promise<Page<ShownSplit>> {
    return orThrow(await this.splits.list(query));
  }

  @Get(':a/:b')
  @ApiOperation({ summary: 'One split, also one that was removed' })
  @ApiOkResponse({ standardSchema: SplitDto })
  @Fails(400, 404)
  async find(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSplit> {
    return answer(reply, orThrow(await this.splits.find(pair)));
  }

  @Put(':a/:b')
  @Needs('write', 'identity')
  @ApiOperation({
    summary: 'Keep two identifiers apart, whatever else joins them',
    description:
      'If they are one person, they are two within a second, and stay so: every link that would bring them together is refused. No event is lost or changed.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: SplitDto, description: 'they were kept apart already' })
  @ApiCreatedResponse({ standardSchema: SplitDto })
  @Fails(400, [409, 'too many splits name one of the two, or it is one more than the quota'])
  async put(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @Body({ schema: SplitBody }) { reason }: SplitBody,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSplit> {
    const { split, ...outcome } = orThrow(await this.splits.put(pair, reason, preconditions, by));
    return answer(reply, split, outcome);
  }

  @Get(':a/:b/versions')
  @ApiOperation({ summary: 'Every version of a split, the latest first' })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(400, 503)
  async versions(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<ShownVersion>> {
    return orThrow(await this.splits.versions(pair, page));
  }

  @Post(':a/:b/versions/:version/restore')
  @Needs('write', 'identity')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version of a split in force once more, as a new one' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: SplitDto })
  @ApiCreatedResponse({ standardSchema: SplitDto })
  @Fails(400, 404, [409, 'too many splits name one of the two, or it is one more than the quota'])
  async restore(
    @Param({ schema: SplitVersion }) { version, ...pair }: SplitVersion,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSplit> {
    const { split, ...outcome } = orThrow(await this.splits.restore(pair, version, preconditions, by));
    return answer(reply, split, outcome);
  }

  @Delete(':a/:b')
  @Needs('write', 'identity')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lift a split: what joins the two joins them again' })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  @Fails(400, 404)
  async lift(
    @Param({ schema: SplitPair }) pair: SplitPair,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.splits.lift(pair, preconditions, by)));
  }
}
