import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import type { Clock } from '@tributary/kernel';
import { CLOCK, type HttpReply } from '@tributary/service';
import { By } from '../control/author.js';
import type { ByWhom } from '../control/definition-changes.js';
import { definitionsController } from '../control/definition-routes.js';
import { Changes, Fails } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import { accepted } from '../http/reply.js';
import { ClickHouseViolations } from './clickhouse.violations.js';
import {
  SOURCE_EXAMPLES,
  SourceBody,
  SourceDto,
  SourceId,
  SourceKey,
  SourcePageDto,
  SourceVersion,
  ViolationsPageDto,
  ViolationsQuery,
  WriteKeyDto,
  type ViolationGroup,
  type WriteKey,
} from './source.dto.js';
import { SourcesService } from './sources.service.js';

const WEEK_MS = 7 * 86_400_000;
const CONFLICT = 'a write key is that of another source, or it is one more than the quota';

@ApiTags('sources')
@Needs('read')
@Controller('v1/sources')
export class SourcesController extends definitionsController({
  one: ':id',
  id: SourceId,
  version: SourceVersion,
  query: PageQuery,
  body: SourceBody,
  shown: SourceDto,
  page: SourcePageDto,
  examples: SOURCE_EXAMPLES,
  needs: { read: Needs('read'), write: Needs('write', 'sources') },
  list: { summary: 'All sources, by id' },
  find: { summary: 'One source' },
  put: {
    summary: 'Create a source, or replace it',
    description:
      'In force at every collector within a second. Write keys stay as they are unless they are sent.',
  },
  versions: { summary: 'Every version of a source, the latest first; of one that was removed, too' },
  remove: { summary: 'Remove a source: its write keys open no door any more' },
  conflicts: { put: CONFLICT, restore: CONFLICT },
}) {
  constructor(
    private readonly sources: SourcesService,
    private readonly violations: ClickHouseViolations,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super(sources.resource);
  }

  @Post(':id/write-keys')
  @Needs('write', 'sources')
  @ApiOperation({ summary: 'Make a new write key, beside those that the source has' })
  @Changes()
  @ApiCreatedResponse({ standardSchema: WriteKeyDto })
  @Fails(404)
  async addKey(
    @Param({ schema: SourceId }) { id }: SourceId,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<WriteKey> {
    const { key, ...outcome } = orThrow(await this.sources.addKey(id, by));
    accepted(reply, outcome);
    return key;
  }

  @Delete(':id/write-keys/:key')
  @Needs('write', 'sources')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a write key from the source' })
  @Changes()
  @ApiNoContentResponse()
  @Fails(404)
  async removeKey(
    @Param({ schema: SourceKey }) { id, key }: SourceKey,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.sources.removeKey(id, key, by)));
  }

  @Get(':id/violations')
  @ApiOperation({ summary: 'How its calls differed from its tracking plan, grouped and counted' })
  @ApiOkResponse({ standardSchema: ViolationsPageDto })
  @Fails(404, 503)
  async violationsOf(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Query({ schema: ViolationsQuery }) { since, limit }: ViolationsQuery,
  ): Promise<{ readonly data: readonly ViolationGroup[] }> {
    orThrow(await this.sources.resource.find({ id }));
    const from = since === undefined ? this.clock.now() - WEEK_MS : Date.parse(since);
    return { data: await this.violations.of(id, from, limit) };
  }
}
