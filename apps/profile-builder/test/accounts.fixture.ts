import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  type FoldedAggregate,
  type KnownAggregate,
} from '@tributary/audiences';
import { accountKey, accountsToldKey, messageOf, TOPICS, type AccountMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { profileIdOf, toInstant, type Identifier } from '@tributary/kernel';
import { isScoreInForce, toTraitInForce, type TraitInForce } from '../src/traits/traits-in-force.js';

export const SPENT = "event('Paid').sum(property('price'))";

/** A trait of accounts of the workspace `w`. */
export function traitOfAccounts(key: string, query: string): TraitInForce {
  const read = toTraitInForce('w', key, query, 'accounts');
  if (!read.ok) throw new Error(read.error);
  if (isScoreInForce(read.value)) throw new Error(`${key} is a score`);
  return read.value;
}

/** What a group call says. */
export function call(groupId: string, messageId: string, traits: object, at = 1_000) {
  const said = { workspaceId: 'w', groupId, traits, messageId, sourceId: 's' };
  return {
    key: accountKey('w', groupId),
    value: JSON.stringify({ ...said, at: toInstant(at), receivedAt: toInstant(at) }),
    headers: { schema: 'account-call@1' },
  };
}

/** The profile of the nth person. */
export const profileOf = (n: number) => profileIdOf('w', `user_id:u${n}` as Identifier);

/** What a profile says of its account: since when it belongs there, undefined: no more. */
export function person(
  groupId: string,
  n: number,
  version: number,
  { since, aggregates = {} }: { readonly since?: number; readonly aggregates?: object },
) {
  const said = { workspaceId: 'w', groupId, profileId: profileOf(n), version, aggregates };
  return {
    key: accountKey('w', groupId),
    value: JSON.stringify({ ...said, ...(since !== undefined && { since: toInstant(since) }) }),
    headers: { schema: 'account-person@1' },
  };
}

/** The state of the aggregate that a trait reads in somebody who paid. */
export function foldedPayments(
  { wanted: [{ aggregate, bound }] }: TraitInForce,
  prices: readonly (readonly [time: number, price: number])[],
): FoldedAggregate {
  return prices.reduce(
    (folded, [time, value], i) =>
      foldOccurrence(aggregate, folded, { time, value, receivedAt: time, sequence: i, id: `${time} ${i}` }),
    beginAggregate(0, bound, { isNew: true }),
  );
}

/** What that comes to. */
export function paid(
  trait: TraitInForce,
  prices: readonly (readonly [time: number, price: number])[],
): Readonly<Record<string, KnownAggregate>> {
  const [{ aggregate }] = trait.wanted;
  return { [aggregate.hash]: knownOf(aggregate, foldedPayments(trait, prices)) };
}

/** A partition of profiles tells accounts of what traits read. */
export function told(partition: number, ...traits: readonly TraitInForce[]) {
  const aggregates = traits.flatMap(({ wanted }) =>
    wanted.map(({ aggregate, bound }) => ({ hash: aggregate.hash, bound })),
  );
  return {
    key: accountsToldKey('w', partition),
    value: JSON.stringify({ workspaceId: 'w', partition, aggregates }),
    headers: { schema: 'accounts-told@1' },
  };
}

export const accountsIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.accounts.name)
    .map((record) => messageOf(record) as AccountMessage);
