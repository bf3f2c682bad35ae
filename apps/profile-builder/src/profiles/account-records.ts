import {
  knownOf,
  mergeKnownWithin,
  type FoldedAggregate,
  type KnownAggregate,
  type WantedAggregate,
} from '@tributary/audiences';
import {
  accountKey,
  accountsToldKey,
  groupIdOf,
  TOPICS,
  type AccountPersonMessage,
  type AccountsToldMessage,
} from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey, toInstant } from '@tributary/kernel';
import { aggregateFacts, type ProfileFragments } from '@tributary/profiles';

/** What accounts are told of a profile. */
export interface PersonFacts {
  /** How far the partition of fragments is read. */
  readonly version: number;
  /** Since when it belongs there, in milliseconds since 1970; undefined where it does not. */
  readonly since: number | undefined;
  readonly aggregates: Readonly<Record<string, KnownAggregate | null>>;
}

/** What a profile's aggregates come to, all its fragments together. */
export function aggregatesOfPerson(
  fragments: ProfileFragments,
  wanted: readonly WantedAggregate[],
): PersonFacts['aggregates'] {
  const known = wanted.map(({ aggregate }) => {
    const states = aggregateFacts(fragments, aggregate.hash) as readonly FoldedAggregate[];
    if (states.length === 0) return [aggregate.hash, null] as const;
    const bound = Math.max(...states.map((state) => state.bound));
    const all = states.map((state) => knownOf(aggregate, state));
    return [aggregate.hash, mergeKnownWithin(aggregate, bound, all)] as const;
  });
  return Object.fromEntries(known);
}

/** A profile in an account, `group_id:<groupId>`. */
export function toAccountPersonRecord(
  profile: string,
  account: string,
  { version, since, aggregates }: PersonFacts,
): OutgoingRecord {
  const { workspaceId, id: profileId } = parseScopedKey(profile);
  const groupId = groupIdOf(account);
  const said = {
    ...{ workspaceId, groupId, profileId, version },
    ...(since !== undefined && { since: toInstant(since) }),
    aggregates,
  };
  return {
    topic: TOPICS.accountFacts.name,
    key: accountKey(workspaceId, groupId),
    value: JSON.stringify(said satisfies Omit<AccountPersonMessage, 'aggregates'>),
    headers: { schema: 'account-person@1' },
  };
}

/** Which aggregates a partition tells accounts of: in every partition of accounts. */
export function toAccountsToldRecords(
  workspaceId: string,
  partition: number,
  of: { readonly partitions: number; readonly wanted: readonly WantedAggregate[] },
): readonly OutgoingRecord[] {
  const aggregates = of.wanted.map(({ aggregate, bound }) => ({ hash: aggregate.hash, bound }));
  const said: AccountsToldMessage = { workspaceId, partition, aggregates };
  return Array.from({ length: of.partitions }, (_, to) => ({
    topic: TOPICS.accountFacts.name,
    partition: to,
    key: accountsToldKey(workspaceId, partition),
    value: JSON.stringify(said),
    headers: { schema: 'accounts-told@1' },
  }));
}
