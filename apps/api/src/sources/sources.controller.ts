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
  ApiBadRequestResponse,
  ApiBody,
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
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { etagOf, type Preconditions } from '../control/changes.js';
import { orThrow } from '../http/api.errors.js';
import { ErrorDto } from '../http/error.dto.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import type { Reply } from '../http/reply.js';
import { IF_MATCH, IF_NONE_MATCH, IfMatches } from '../http/preconditions.decorator.js';
import { Secured } from '../http/secured.decorator.js';
import { ClickHouseViolations, type ViolationGroup } from './clickhouse.violations.js';
import type { ShownSource } from './shown-source.js';
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
} from './source.dto.js';
import { SourcesService } from './sources.service.js';

const WEEK_MS = 7 * 86_400_000;

@ApiTags('sources')
@Secured()
@Controller('v1/sources')
export class SourcesController {
  constructor(
    private readonly sources: SourcesService,
    private readonly violations: ClickHouseViolations,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All sources, by id' })
  @ApiOkResponse({ type: SourcePageDto })
  list(@Query() page: PageQuery): Page<ShownSource> {
    return orThrow(this.sources.list(page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One source' })
  @ApiOkResponse({ type: SourceDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  find(@Param() { id }: SourceId, @Res({ passthrough: true }) reply: Reply): ShownSource {
    const source = orThrow(this.sources.find(id));
    reply.header('etag', etagOf(source));
    return source;
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Create a source, or replace it',
    description:
      'In force at every collector within a second. Write keys stay as they are unless they are sent.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiBody({ type: SourceBody, examples: SOURCE_EXAMPLES })
  @ApiOkResponse({ type: SourceDto })
  @ApiCreatedResponse({ type: SourceDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'a write key is that of another source' })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async put(
    @Param() { id }: SourceId,
    @Body() body: SourceBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ShownSource> {
    const { source, created } = orThrow(await this.sources.put(id, body, preconditions));
    reply.status(created ? 201 : 200).header('etag', etagOf(source));
    return source;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a source: its write keys open no door any more' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async remove(@Param() { id }: SourceId, @IfMatches() preconditions: Preconditions): Promise<void> {
    orThrow(await this.sources.remove(id, preconditions));
  }

  @Post(':id/write-keys')
  @ApiOperation({ summary: 'Make a new write key, beside those that the source has' })
  @ApiCreatedResponse({ type: WriteKeyDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async addKey(@Param() { id }: SourceId): Promise<WriteKeyDto> {
    return orThrow(await this.sources.addKey(id));
  }

  @Delete(':id/write-keys/:key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a write key from the source' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async removeKey(@Param() { id, key }: SourceKey): Promise<void> {
    orThrow(await this.sources.removeKey(id, key));
  }

  @Get(':id/violations')
  @ApiOperation({ summary: 'How its calls differed from its tracking plan, grouped and counted' })
  @ApiOkResponse({ type: ViolationsPageDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async violationsOf(
    @Param() { id }: SourceId,
    @Query() { since, limit }: ViolationsQuery,
  ): Promise<{ readonly data: readonly ViolationGroup[] }> {
    orThrow(this.sources.find(id));
    const from = since === undefined ? this.clock.now() - WEEK_MS : Date.parse(since);
    return { data: await this.violations.of(this.config.TRIBUTARY_WORKSPACE, id, from, limit) };
  }
}
