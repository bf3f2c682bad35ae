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
import type { Clock } from '@tributary/kernel';
import { CLOCK, type HttpReply } from '@tributary/service';
import type { Preconditions } from '../control/changes.js';
import { BodyExamples, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { answer } from '../http/reply.js';
import { ClickHouseViolations } from './clickhouse.violations.js';
import {
  SOURCE_EXAMPLES,
  SourceBody,
  SourceDto,
  SourceId,
  SourceKey,
  SourcePageDto,
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
  list(@Query({ schema: PageQuery }) page: PageQuery): Page<ShownSource> {
    return orThrow(this.sources.list(page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One source' })
  @ApiOkResponse({ standardSchema: SourceDto })
  @Fails(404)
  find(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Res({ passthrough: true }) reply: HttpReply,
  ): ShownSource {
    return answer(reply, orThrow(this.sources.find(id)));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Create a source, or replace it',
    description:
      'In force at every collector within a second. Write keys stay as they are unless they are sent.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @BodyExamples(SOURCE_EXAMPLES)
  @ApiOkResponse({ standardSchema: SourceDto })
  @ApiCreatedResponse({ standardSchema: SourceDto })
  @Fails(400, [409, 'a write key is that of another source'], 503)
  async put(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Body({ schema: SourceBody }) body: SourceBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownSource> {
    const { source, created } = orThrow(await this.sources.put(id, body, preconditions));
    return answer(reply, source, created);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a source: its write keys open no door any more' })
  @Conditional('If-Match')
  @ApiNoContentResponse()
  @Fails(404, 503)
  async remove(
    @Param({ schema: SourceId }) { id }: SourceId,
    @IfMatches() preconditions: Preconditions,
  ): Promise<void> {
    orThrow(await this.sources.remove(id, preconditions));
  }

  @Post(':id/write-keys')
  @ApiOperation({ summary: 'Make a new write key, beside those that the source has' })
  @ApiCreatedResponse({ standardSchema: WriteKeyDto })
  @Fails(404, 503)
  async addKey(@Param({ schema: SourceId }) { id }: SourceId): Promise<WriteKey> {
    return orThrow(await this.sources.addKey(id));
  }

  @Delete(':id/write-keys/:key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a write key from the source' })
  @ApiNoContentResponse()
  @Fails(404, 503)
  async removeKey(@Param({ schema: SourceKey }) { id, key }: SourceKey): Promise<void> {
    orThrow(await this.sources.removeKey(id, key));
  }

  @Get(':id/violations')
  @ApiOperation({ summary: 'How its calls differed from its tracking plan, grouped and counted' })
  @ApiOkResponse({ standardSchema: ViolationsPageDto })
  @Fails(404, 503)
  async violationsOf(
    @Param({ schema: SourceId }) { id }: SourceId,
    @Query({ schema: ViolationsQuery }) { since, limit }: ViolationsQuery,
  ): Promise<{ readonly data: readonly ViolationGroup[] }> {
    orThrow(this.sources.find(id));
    const from = since === undefined ? this.clock.now() - WEEK_MS : Date.parse(since);
    return { data: await this.violations.of(id, from, limit) };
  }
}
