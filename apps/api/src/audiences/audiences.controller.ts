import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Preconditions } from '../control/changes.js';
import { BodyExamples, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import type { HttpReply } from '@tributary/service';
import { answer } from '../http/reply.js';
import {
  AUDIENCE_EXAMPLES,
  AudienceBody,
  AudienceDto,
  AudienceKey,
  AudiencePageDto,
  MemberPageDto,
  type Member,
  type ShownAudience,
} from './audience.dto.js';
import { AudiencesService } from './audiences.service.js';

@ApiTags('audiences')
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
  @ApiOperation({
    summary: 'Create an audience, or replace it',
    description:
      'Every event that is accepted after the answer is counted in every condition of the audience.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @BodyExamples(AUDIENCE_EXAMPLES)
  @ApiOkResponse({ standardSchema: AudienceDto })
  @ApiCreatedResponse({ standardSchema: AudienceDto })
  @Fails(400, 503)
  async put(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Body({ schema: AudienceBody }) body: AudienceBody,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownAudience> {
    const { audience, created } = orThrow(await this.audiences.put(key, body, preconditions));
    return answer(reply, audience, created);
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an audience' })
  @Conditional('If-Match')
  @ApiNoContentResponse()
  @Fails(404, 503)
  async remove(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @IfMatches() preconditions: Preconditions,
  ): Promise<void> {
    orThrow(await this.audiences.remove(key, preconditions));
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
