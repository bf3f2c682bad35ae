import { accountKey, TOPICS } from '@tributary/contracts';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import type { Onward } from '../log/onward.js';
import type { Scratch } from '../scratch.js';
import { LeftOut } from './left-out.js';

/**
 * Those about whom events came after the cut: what was streamed of them may say more than the cut, so they are not
 * compared.
 */
export class Latecomers {
  readonly leftOut: LeftOut;
  /** `workspaceId/namespace:value` of those whom the cut does not know. */
  readonly identifiers = new Set<string>();
  /** `workspaceId/group_id:<groupId>` of the accounts that late group calls name. */
  readonly accounts = new Set<string>();

  constructor(private readonly scratch: Scratch) {
    this.leftOut = new LeftOut(scratch);
  }

  /** Adds those of events that were received after an instant, in milliseconds since 1970. */
  addAfter(at: number): void {
    const rows = this.scratch.db
      .prepare(
        `WITH late AS MATERIALIZED (SELECT identifier, others FROM events WHERE received_at > ?)
        SELECT DISTINCT component FROM identifiers WHERE id IN (
          SELECT identifier FROM late UNION ALL SELECT value FROM late, json_each(late.others)
        )`,
      )
      .all(at) as { readonly component: number }[];
    for (const { component } of rows) this.leftOut.add(component);
  }

  /** Adds those of events that came to the log since the last call. */
  async addFrom(onward: Onward): Promise<void> {
    const keys = new Set<string>();
    await onward.read(TOPICS.events.name, ({ key, headers, value }) => {
      const { workspaceId } = parseScopedKey(key);
      for (const id of identifiersOf(headers.identifiers)) keys.add(scopedKey(workspaceId, id));
      if (headers.type === 'group') this.#addAccount(workspaceId, value);
    });
    const find = this.scratch.db.prepare('SELECT component FROM identifiers WHERE key = ?');
    for (const key of keys) {
      const row = find.get(key) as { readonly component: number } | undefined;
      if (row) this.leftOut.add(row.component);
      else this.identifiers.add(key);
      this.leftOut.addIdentifier(key);
    }
  }

  #addAccount(workspaceId: string, value: Buffer | null): void {
    const { groupId = '' } = JSON.parse(value?.toString('utf8') ?? '{}') as { readonly groupId?: string };
    this.accounts.add(accountKey(workspaceId, groupId));
  }
}

/** None where the header is missing or no list: such a record is no event. */
function identifiersOf(header: string | undefined): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(header ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
