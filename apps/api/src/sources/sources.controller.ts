import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
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
import type { Preconditions } from '../control/changes.js';
import type { ByWhom } from '../control/definition-changes.js';
import { VersionPageDto, type ShownVersion } from '../control/versions.dto.js';
import { BodyExamples, Changes, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { accepted, answer } from '../http/reply.js';
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
  type ShownSource,
  type ViolationGroup,
  type WriteKey,
} from './source.dto.js';
import { SourcesService } from './sources.service.js';

const WEEK_MS = 7 * 86_400_000;

@ApiTags('sources')
@Needs('read')
@Controller('v1/sources')
export class SourcesController {
  constructor(
    private readonly sources: SourcesService,
    private readonly violations: ClickHouseViolations,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All sources, by id' })
  @ApiOkResponse({ standardSchema: SourcePageDto })
  async list(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownSource>> {
    return orThrow(await this.sources.list(page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One source' })
  @ApiOkResponse({ standardSchema: SourceDto })
  @Fails(404)
  async find(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSource> {
    return answer(reply, orThrow(await this.sources.find(id)));
  }

  @Put(':id')
  @Needs('write', 'sources')
  @ApiOperation({
    summary: 'Create a source, or replace it',
    description:
      'In force at every collector within a second. Write keys stay as they are unless they are sent.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @BodyExamples(SOURCE_EXAMPLES)
  @ApiOkResponse({ standardSchema: SourceDto })
  @ApiCreatedResponse({ standardSchema: SourceDto })
  @Fails(400, [409, 'a write key is that of another source, or it is one more than the quota'])
  async put(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Body({ schema: SourceBody }) body: SourceBody,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSource> {
    const { source, ...outcome } = orThrow(await this.sources.put(id, body, preconditions, by));
    return answer(reply, source, outcome);
  }

  @Get(':id/versions')
  @ApiOperation({ summary: 'Every version of a source, the latest first; of one that was removed, too' })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(503)
  async versions(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<ShownVersion>> {
    return orThrow(await this.sources.versions(id, page));
  }

  @Post(':id/versions/:version/restore')
  @Needs('write', 'sources')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version in force once more, as a new one; this undoes a removal, too' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: SourceDto })
  @ApiCreatedResponse({ standardSchema: SourceDto })
  @Fails(400, 404, [409, 'a write key is that of another source, or it is one more than the quota'])
  async restore(
    @Param({ schema: SourceVersion }) { id, version }: SourceVersion,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSource> {
    const { source, ...outcome } = orThrow(await this.sources.restore(id, version, preconditions, by));
    return answer(reply, source, outcome);
  }

  @Delete(':id')
  @Needs('write', 'sources')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a source: its write keys open no door any more' })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  @Fails(404)
  async remove(
    @Param({ schema: SourceId }) { id }: SourceId,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.sources.remove(id, preconditions, by)));
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
    orThrow(await this.sources.find(id));
    const from = since === undefined ? this.clock.now() - WEEK_MS : Date.parse(since);
    return { data: await this.violations.of(id, from, limit) };
  }
}
