import {
  changeId,
  EpochReader,
  isPartitionKey,
  membershipKey,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { StatementSync } from 'node:sqlite';
import type { Onward } from '../log/onward.js';
import type { Scratch } from '../scratch.js';

/**
 * Both topics have all of so long, by their settings, with an hour to spare: a change that is younger has its membership, which is
 * not compacted yet, and a membership that is younger its change, which is not deleted yet.
 */
const KEPT_MS = 7 * 86_400_000 - 3_600_000;

/** Takes in the memberships at an instant, and their changes, as segmentation published them. */
export class PublishedMemberships {
  readonly #membership: StatementSync;
  readonly #expected: StatementSync;
  readonly #found: StatementSync;
  readonly #turn: StatementSync;
  readonly #memberships = new EpochReader();
  readonly #changes = new EpochReader();

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
    this.#expected = db.prepare(`INSERT INTO changes (id, expected) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET expected = excluded.expected`);
    this.#found = db.prepare(`INSERT INTO changes (id, found, times) VALUES (?, ?, 1)
      ON CONFLICT DO UPDATE SET times = times + 1, found = excluded.found`);
    this.#turn = db.prepare(`INSERT INTO turns (membership, entered) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET repeated = coalesce(repeated, iif(entered = excluded.entered, ?, NULL)),
        entered = excluded.entered`);
  }

  async read(onward: Onward): Promise<void> {
    const since = Date.now() - KEPT_MS;
    await onward.read(TOPICS.memberships.name, (record) => {
      this.#takeMembership(record, record.timestamp > since);
    });
    await onward.read(TOPICS.changes.name, (record) => {
      if (this.#changes.isNews(record)) this.#takeChange(record, record.timestamp > since);
    });
  }

  #takeMembership(record: LogRecord, isChangeKept: boolean): void {
    const { partition, key, value, headers } = record;
    const reading = this.#memberships.read(record);
    // A former owner's too, which is void.
    if (isPartitionKey(key) || !value) return;
    const said = JSON.parse(value.toString('utf8')) as MembershipMessage;
    const heard = this.#memberships.heard(partition);
    if (reading === 'news' && isChangeKept)
      this.#expected.run(changeId(partition, heard), inShort(said.member, said));
    // What a former owner writes after another's epoch record is void, and must not stay the last record of its key.
    const isStale = Number(headers.epoch ?? 0) < heard.epoch;
    if (reading === 'void' && !isStale) return;
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

  #takeChange({ value }: LogRecord, isMembershipKept: boolean): void {
    const change = JSON.parse(value?.toString('utf8') ?? '') as AudienceChangeMessage;
    const hasEntered = change.change === 'entered';
    const membership = membershipKey(change.workspaceId, change.audienceKey, change.profileId);
    this.#turn.run(membership, hasEntered ? 1 : 0, change.id);
    if (isMembershipKept) this.#found.run(change.id, inShort(hasEntered, { ...change, since: change.at }));
  }
}

function inShort(
  member: boolean,
  { audienceKey, profileId, since }: Pick<MembershipMessage, 'audienceKey' | 'profileId' | 'since'>,
): string {
  return `${profileId} ${member ? 'entered' : 'exited'} ${audienceKey} at ${since}`;
}
