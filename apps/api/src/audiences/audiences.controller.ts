import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { definitionsController } from '../control/definition-routes.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { Fails } from '../http/route.decorators.js';
import {
  AUDIENCE_EXAMPLES,
  AudienceBody,
  AudienceDto,
  AudienceKey,
  AudiencePageDto,
  AudienceVersion,
  MemberPageDto,
  MembersQuery,
  type Member,
} from './audience.dto.js';
import { AudiencesService } from './audiences.service.js';

const QUOTA = 'it is one more than the quota of the workspace';

@ApiTags('audiences')
@Needs('read')
@Controller('v1/audiences')
export class AudiencesController extends definitionsController({
  one: ':key',
  id: AudienceKey,
  version: AudienceVersion,
  query: PageQuery,
  body: AudienceBody,
  shown: AudienceDto,
  page: AudiencePageDto,
  examples: AUDIENCE_EXAMPLES,
  needs: { read: Needs('read'), write: Needs('write', 'audiences') },
  list: { summary: 'All audiences, by key' },
  find: { summary: 'One audience' },
  put: {
    summary: 'Create an audience, or replace it',
    description:
      'All that ever happened counts, and every event that is accepted after an answer that says live. One that says building, after five seconds, is followed by asking again.',
  },
  versions: { summary: 'Every version of an audience, the latest first; of one that was removed, too' },
  remove: { summary: 'Remove an audience' },
  conflicts: { put: QUOTA, restore: QUOTA, remove: 'another audience names it' },
}) {
  constructor(private readonly audiences: AudiencesService) {
    super(audiences.resource);
  }

  @Get(':key/members')
  @ApiOperation({ summary: 'The profiles in an audience, by id' })
  @ApiOkResponse({ standardSchema: MemberPageDto })
  @Fails(400, 404, 503)
  async members(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Query({ schema: MembersQuery }) page: MembersQuery,
  ): Promise<Page<Member>> {
    return orThrow(await this.audiences.members(key, page));
  }
}
