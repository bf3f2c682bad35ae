import { toInstant } from '@tributary/kernel';
import { BOUNDS, traitBytes } from '@tributary/profiles';
import type { Scratch } from '../scratch.js';

/** A group call of an account; times in milliseconds since 1970. */
interface Call {
  readonly at: number;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly messageId: string;
  readonly sourceId: string;
  readonly traits: string;
}

/** A profile that belongs to an account. */
export interface Person {
  /** `workspaceId/profileId`. */
  readonly profile: string;
  readonly component: number;
  /** `workspaceId/group_id:<groupId>`. */
  readonly account: string;
  /** In milliseconds since 1970. */
  readonly since: number;
}

/**
 * `account_people`: which profile belongs to which account, and since when. Of an identifier the first accounts in its log count,
 * of a profile those since when it belongs to them the longest. `is_within`: whether it is within that bound.
 */
const PEOPLE = `DROP TABLE IF EXISTS account_people;
CREATE TABLE account_people AS
WITH named AS (
  SELECT identifier, account, min(at) AS since,
    row_number() OVER (PARTITION BY identifier ORDER BY min("offset")) AS nth
  FROM group_calls WHERE NOT is_erased GROUP BY identifier, account
), belonging AS (
  SELECT i.profile AS profile, i.component AS component, n.account AS account, min(n.since) AS since
  FROM named n JOIN identifiers i ON i.id = n.identifier
  WHERE n.nth <= ${BOUNDS.fragmentAccounts} GROUP BY i.profile, n.account
)
SELECT profile, component, account, since,
  row_number() OVER (PARTITION BY profile ORDER BY since, account) <= ${BOUNDS.profileAccounts} AS is_within
FROM belonging;
CREATE INDEX people_of_accounts ON account_people (account, profile);
CREATE INDEX accounts_of_people ON account_people (profile);`;

/** Those whose identifiers named more accounts than are kept. */
const OVERFLOWING = `SELECT 1 FROM group_calls c JOIN identifiers i ON i.id = c.identifier
  WHERE i.profile = ? AND NOT c.is_erased GROUP BY c.identifier
  HAVING count(DISTINCT c.account) > ${BOUNDS.fragmentAccounts}`;

/** Finds out who belongs to which account, once it is known who is one person. */
export function resolveAccounts({ db }: Scratch): void {
  db.exec(PEOPLE);
}

/** Answers what a profile should say of its accounts, and whether there are more than it says. */
export function groupsReader({ db }: Scratch) {
  const find = db.prepare(
    'SELECT account, since, is_within FROM account_people WHERE profile = ? ORDER BY since, account',
  );
  const overflowing = db.prepare(OVERFLOWING);
  return (profile: string) => {
    const rows = find.all(profile) as unknown as (Person & { readonly is_within: number })[];
    const within = rows.filter(({ is_within }) => is_within === 1);
    const groups = within.map(({ account, since }) => {
      return { groupId: groupIdIn(account), since: toInstant(since) };
    });
    const isTruncated = within.length < rows.length || overflowing.get(profile) !== undefined;
    return { groups: groups.length > 0 ? groups : undefined, isTruncated };
  };
}

/** What group calls say of an account, by all of them in order. */
export function accountOf({ db }: Scratch, account: string) {
  const calls = (
    db
      .prepare(
        `SELECT at, received_at AS receivedAt, sequence, message_id AS messageId, source_id AS sourceId, traits
        FROM group_calls WHERE account = ? ORDER BY at, received_at, sequence, message_id`,
      )
      .all(account) as unknown as Call[]
  ).map((call) => ({ ...call, said: Object.entries(JSON.parse(call.traits) as object) }));
  const last = new Map<string, { readonly value: unknown; readonly call: Call; readonly bytes: number }>();
  for (const call of calls) {
    for (const [name, value] of call.said as readonly (readonly [string, unknown])[]) {
      const bytes = Math.max(traitBytes(name, value), last.get(name)?.bytes ?? 0);
      last.set(name, { value, call, bytes });
    }
  }
  const sorted = [...last].sort(([a], [b]) => (a < b ? -1 : 1));
  let sum = 0;
  const kept = sorted.filter(([, { bytes }], i) => {
    sum += bytes;
    return i < BOUNDS.profileTraits && sum <= BOUNDS.profileTraitBytes;
  });
  const present = kept.filter(([, { value }]) => value !== null);
  return {
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: Object.fromEntries(
      present.map(([name, { call }]) => {
        const { sourceId, messageId } = call;
        return [name, { at: toInstant(call.at), sourceId, messageId }];
      }),
    ),
    firstSeenAt: toInstant(calls[0]?.at ?? 0),
    lastSeenAt: toInstant(calls.at(-1)?.at ?? 0),
    hasMoreTraits: kept.length < sorted.length,
  };
}

/** Who belongs to an account, in the order of the profiles. */
export function peopleOf({ db }: Scratch, account: string): readonly Person[] {
  return db
    .prepare('SELECT * FROM account_people WHERE account = ? AND is_within ORDER BY profile')
    .all(account) as unknown as Person[];
}

/** Every account that a group call named. */
export function accountsIn({ db }: Scratch): Iterable<{ readonly account: string }> {
  return db
    .prepare('SELECT DISTINCT account FROM group_calls ORDER BY account')
    .iterate() as unknown as Iterable<{
    readonly account: string;
  }>;
}

/** Of each of 256 parts, by the first digits of the profiles, so many count. */
const PEOPLE_OF_PART = 40;

/** Those over whose events traits are computed, and whether there are others. */
export function countedAmong(people: readonly Person[]) {
  const digits = (profile: string) => profile.slice(profile.indexOf('/') + 1).slice(0, 2);
  const parts = [...Map.groupBy(people, ({ profile }) => digits(profile)).values()];
  return {
    counted: parts.flatMap((part) => part.slice(0, PEOPLE_OF_PART)),
    isOfSome: parts.some((part) => part.length > PEOPLE_OF_PART),
  };
}

export function groupIdIn(account: string): string {
  return account.slice(account.indexOf('/group_id:') + '/group_id:'.length);
}
