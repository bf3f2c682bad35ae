import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
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
import { etagOf, type Preconditions } from '../control/changes.js';
import { orThrow } from '../http/api.errors.js';
import { ErrorDto } from '../http/error.dto.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import type { Reply } from '../http/reply.js';
import { IF_MATCH, IF_NONE_MATCH, IfMatches } from '../http/preconditions.decorator.js';
import { Secured } from '../http/secured.decorator.js';
import {
  AUDIENCE_EXAMPLES,
  AudienceBody,
  AudienceDto,
  AudienceKey,
  AudiencePageDto,
  MemberPageDto,
} from './audience.dto.js';
import { AudiencesService } from './audiences.service.js';
import type { ShownAudience } from './shown-audience.js';
import type { Member } from './clickhouse.memberships.js';

@ApiTags('audiences')
@Secured()
@Controller('v1/audiences')
export class AudiencesController {
  constructor(private readonly audiences: AudiencesService) {}

  @Get()
  @ApiOperation({ summary: 'All audiences, by key' })
  @ApiOkResponse({ type: AudiencePageDto })
  async list(@Query() page: PageQuery): Promise<Page<ShownAudience>> {
    return orThrow(await this.audiences.list(page));
  }

  @Get(':key')
  @ApiOperation({ summary: 'One audience' })
  @ApiOkResponse({ type: AudienceDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async find(
    @Param() { key }: AudienceKey,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ShownAudience> {
    const audience = orThrow(await this.audiences.find(key));
    reply.header('etag', etagOf(audience));
    return audience;
  }

  @Put(':key')
  @ApiOperation({
    summary: 'Create an audience, or replace it',
    description:
      'Every event that is accepted after the answer is counted in every condition of the audience.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiBody({ type: AudienceBody, examples: AUDIENCE_EXAMPLES })
  @ApiOkResponse({ type: AudienceDto })
  @ApiCreatedResponse({ type: AudienceDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async put(
    @Param() { key }: AudienceKey,
    @Body() body: AudienceBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ShownAudience> {
    const { audience, created } = orThrow(await this.audiences.put(key, body, preconditions));
    reply.status(created ? 201 : 200).header('etag', etagOf(audience));
    return audience;
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an audience' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async remove(@Param() { key }: AudienceKey, @IfMatches() preconditions: Preconditions): Promise<void> {
    orThrow(await this.audiences.remove(key, preconditions));
  }

  @Get(':key/members')
  @ApiOperation({ summary: 'The profiles in an audience, by id' })
  @ApiOkResponse({ type: MemberPageDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async members(@Param() { key }: AudienceKey, @Query() page: PageQuery): Promise<Page<Member>> {
    return orThrow(await this.audiences.members(key, page));
  }
}
