import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { By } from '../control/author.js';
import type { Preconditions } from '../control/changes.js';
import type { ByWhom } from '../control/definition-changes.js';
import { VersionPageDto, type ShownVersion } from '../control/versions.dto.js';
import { BodyExamples, Changes, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import type { HttpReply } from '@tributary/service';
import { accepted, answer } from '../http/reply.js';
import {
  AUDIENCE_EXAMPLES,
  AudienceBody,
  AudienceDto,
  AudienceKey,
  AudienceVersion,
  AudiencePageDto,
  MemberPageDto,
  type Member,
  type ShownAudience,
} from './audience.dto.js';
import { AudiencesService } from './audiences.service.js';

@ApiTags('audiences')
@Needs('read')
@Controller('v1/audiences')
export class AudiencesController {
  constructor(private readonly audiences: AudiencesService) {}

  @Get()
  @ApiOperation({ summary: 'All audiences, by key' })
  @ApiOkResponse({ standardSchema: AudiencePageDto })
  async list(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownAudience>> {
    return orThrow(await this.audiences.list(page));
  }

  @Get(':key')
  @ApiOperation({ summary: 'One audience' })
  @ApiOkResponse({ standardSchema: AudienceDto })
  @Fails(404)
  async find(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownAudience> {
    return answer(reply, orThrow(await this.audiences.find(key)));
  }

  @Put(':key')
  @Needs('write', 'audiences')
  @ApiOperation({
    summary: 'Create an audience, or replace it',
    description:
      'All that ever happened counts, and every event that is accepted after an answer that says live. One that says building, after five seconds, is followed by asking again.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @BodyExamples(AUDIENCE_EXAMPLES)
  @ApiOkResponse({ standardSchema: AudienceDto })
  @ApiCreatedResponse({ standardSchema: AudienceDto })
  @Fails(400, [409, 'it is one more than the quota of the workspace'])
  async put(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Body({ schema: AudienceBody }) body: AudienceBody,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownAudience> {
    const { audience, ...outcome } = orThrow(await this.audiences.put(key, body, preconditions, by));
    return answer(reply, audience, outcome);
  }

  @Get(':key/versions')
  @ApiOperation({ summary: 'Every version of an audience, the latest first; of one that was removed, too' })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(503)
  async versions(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<ShownVersion>> {
    return orThrow(await this.audiences.versions(key, page));
  }

  @Post(':key/versions/:version/restore')
  @Needs('write', 'audiences')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version in force once more, as a new one; this undoes a removal, too' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: AudienceDto })
  @ApiCreatedResponse({ standardSchema: AudienceDto })
  @Fails(400, 404, [409, 'it is one more than the quota of the workspace'])
  async restore(
    @Param({ schema: AudienceVersion }) { key, version }: AudienceVersion,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownAudience> {
    const { audience, ...outcome } = orThrow(await this.audiences.restore(key, version, preconditions, by));
    return answer(reply, audience, outcome);
  }

  @Delete(':key')
  @Needs('write', 'audiences')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an audience' })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  @Fails(404)
  async remove(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.audiences.remove(key, preconditions, by)));
  }

  @Get(':key/members')
  @ApiOperation({ summary: 'The profiles in an audience, by id' })
  @ApiOkResponse({ standardSchema: MemberPageDto })
  @Fails(404, 503)
  async members(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<Member>> {
    return orThrow(await this.audiences.members(key, page));
  }
}
