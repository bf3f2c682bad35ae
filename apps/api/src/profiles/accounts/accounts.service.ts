import { Injectable } from '@nestjs/common';
import { accountKey, accountReadKey, type AccountRead } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { publishedAt, type HeldJson } from '../held-profile.js';
import { StateReads } from '../state/state-reads.js';
import type { AccountPerson } from './account.dto.js';
import { ClickHouseAccounts } from './clickhouse.accounts.js';

/** Accounts as they are now, by the processor that holds them; while nobody answers for one, as the tables have it. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly states: StateReads,
    private readonly tables: ClickHouseAccounts,
  ) {}

  async holding(groupId: string): Promise<Result<HeldJson, ApiFailure>> {
    const answer = await this.#ask({ account: accountKey(currentWorkspace(), groupId) });
    if (answer?.state === 'found') return ok({ json: answer.text, source: 'state', asOf: answer.asOf });
    const json = answer ? undefined : await this.tables.byId(groupId);
    if (json !== undefined) return ok({ json, source: 'tables', asOf: publishedAt(json) });
    const far = answer ? '' : ', as far as the tables have come';
    return failed({
      code: 'account_not_found',
      message: `No group call has named the account ${groupId}${far}.`,
    });
  }

  /** People of an account in the order of the ids of their profiles, behind one of them, so many at most. */
  async people(groupId: string, after: string, limit: number): Promise<readonly AccountPerson[]> {
    const account = accountKey(currentWorkspace(), groupId);
    const answer = await this.#ask({ account, page: { after, limit } });
    if (!answer) return this.tables.people(groupId, after, limit);
    return answer.state === 'found' ? (JSON.parse(answer.text) as readonly AccountPerson[]) : [];
  }

  #ask(read: AccountRead) {
    return this.states.read('accounts', accountReadKey(read), read.account);
  }
}
