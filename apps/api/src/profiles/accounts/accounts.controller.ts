import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@tributary/kernel';
import { CLOCK, type HttpReply } from '@tributary/service';
import { Needs } from '../../access/needs.js';
import { orThrow } from '../../http/api.errors.js';
import { PageQuery } from '../../http/page.dto.js';
import { keyBefore, pageOf, type Page } from '../../http/page.js';
import { Fails } from '../../http/route.decorators.js';
import { sayAge, withAsOf } from '../held-profile.js';
import { AccountDto, AccountPeopleDto, GroupId, type AccountPerson } from './account.dto.js';
import { AccountsService } from './accounts.service.js';

@ApiTags('accounts')
@Needs('read')
@Controller('v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':groupId')
  @ApiOperation({
    summary: 'An account',
    description:
      'What group calls said of it, how many people belong to it, and its computed traits. `X-Data-Source` says who answers (`state` or `tables`), `Age` how old the answer may be, in seconds.',
  })
  @ApiOkResponse({ standardSchema: AccountDto })
  @Fails(404, 503)
  async byId(
    @Param({ schema: GroupId }) { groupId }: GroupId,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string> {
    const held = orThrow(await this.accounts.holding(groupId));
    sayAge(reply, held, this.clock.now());
    reply.header('content-type', 'application/json; charset=utf-8');
    return withAsOf(held);
  }

  @Get(':groupId/people')
  @ApiOperation({ summary: 'The people of an account, by the ids of their profiles' })
  @ApiOkResponse({ standardSchema: AccountPeopleDto })
  @Fails(400, 404, 503)
  async people(
    @Param({ schema: GroupId }) { groupId }: GroupId,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ): Promise<Page<AccountPerson>> {
    const scope = { list: `people of ${groupId}` };
    const after = orThrow(keyBefore(cursor, scope));
    orThrow(await this.accounts.holding(groupId));
    const people = await this.accounts.people(groupId, after, limit + 1);
    return pageOf(people, limit, scope, ({ profileId }) => profileId);
  }
}
