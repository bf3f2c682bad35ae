import {
  isEpochKey,
  isRepeat,
  sequenceOf,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { StatementSync } from 'node:sqlite';
import type { Onward } from '../log/onward.js';
import type { Scratch } from '../scratch.js';

const DAY_MS = 86_400_000;
// Within the topics' own settings, with an hour to spare.
/** A change that is younger has its membership: that one is not compacted yet. */
const MEMBERSHIPS_WHOLE_MS = DAY_MS - 3_600_000;
/** A membership that is younger has its change: that one is not deleted yet. */
const CHANGES_KEPT_MS = 7 * DAY_MS - 3_600_000;

/** Takes in the memberships at an instant, and their changes, as segmentation published them. */
export class PublishedMemberships {
  readonly #membership: StatementSync;
  readonly #expected: StatementSync;
  readonly #found: StatementSync;
  readonly #epochs = new Map<number, number>();
  /** By partition, the number of what the owner said last. */
  readonly #sequences = new Map<number, number>();

  /** `at`, in milliseconds since 1970: a window that passes later has not passed. */
  constructor(
    { db }: Scratch,
    private readonly at: number,
  ) {
    this.#membership = db.prepare(`INSERT INTO memberships VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)
      ON CONFLICT DO UPDATE SET is_buried = excluded.is_buried,
        before = iif(excluded.is_buried OR excluded.member = member, before, since),
        backward = coalesce(backward, iif(NOT excluded.is_buried AND excluded.since < since, excluded.since, NULL)),
        definition = iif(excluded.is_buried, definition, excluded.definition),
        member = iif(excluded.is_buried, member, excluded.member),
        since = iif(excluded.is_buried, since, excluded.since),
        cause = iif(excluded.is_buried, cause, excluded.cause)`);
    this.#expected = db.prepare(`INSERT INTO changes (partition, "offset", expected) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET expected = excluded.expected`);
    this.#found = db.prepare(`INSERT INTO changes (partition, "offset", found) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET contradicts = contradicts OR coalesce(found <> excluded.found, 0), found = excluded.found`);
  }

  async read(onward: Onward): Promise<void> {
    const now = Date.now();
    await onward.read(TOPICS.memberships.name, (record) => {
      this.#takeMembership(record, record.timestamp > now - CHANGES_KEPT_MS);
    });
    await onward.read(TOPICS.changes.name, (record) => {
      if (record.timestamp > now - MEMBERSHIPS_WHOLE_MS) this.#takeChange(record);
    });
  }

  #takeMembership(record: LogRecord, isChangeKept: boolean): void {
    const { partition, offset, key, value } = record;
    if (isEpochKey(key)) {
      this.#epochs.set(partition, offset);
      this.#sequences.delete(partition);
      return;
    }
    if (!value) return;
    const said = JSON.parse(value.toString('utf8')) as MembershipMessage;
    // What a former owner writes after another's epoch record is void, and must not stay the last record of its key.
    const isStale = said.epoch < (this.#epochs.get(partition) ?? 0);
    if (!isStale && isChangeKept && this.#isNews(record)) {
      this.#expected.run(partition, offset, inShort(said.member, said));
    }
    const since = Date.parse(said.since);
    if (said.cause === 'time' && since > this.at) return;
    const profile = scopedKey(said.workspaceId, said.profileId);
    const audience = scopedKey(said.workspaceId, said.audienceKey);
    const member = said.member && !isStale;
    const { cause, definitionHash = null } = said;
    this.#membership.run(
      key,
      profile,
      audience,
      member ? 1 : 0,
      since,
      cause,
      isStale ? 1 : 0,
      definitionHash,
    );
  }

  /** A repetition is no change, and neither is what a request brought that was sent again. */
  #isNews(record: LogRecord): boolean {
    if (isRepeat(record)) return false;
    const sequence = sequenceOf(record);
    if (sequence === undefined) return true;
    if (sequence <= (this.#sequences.get(record.partition) ?? 0)) return false;
    this.#sequences.set(record.partition, sequence);
    return true;
  }

  #takeChange({ value }: LogRecord): void {
    const change = JSON.parse(value?.toString('utf8') ?? '') as AudienceChangeMessage;
    const [partition = -1, offset = -1] = change.id.split('-').map(Number);
    const said = { ...change, since: change.at };
    this.#found.run(partition, offset, inShort(change.change === 'entered', said));
  }
}

function inShort(
  member: boolean,
  { audienceKey, profileId, since }: Pick<MembershipMessage, 'audienceKey' | 'profileId' | 'since'>,
): string {
  return `${profileId} ${member ? 'entered' : 'exited'} ${audienceKey} at ${since}`;
}
