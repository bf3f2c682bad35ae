import { TOPICS, type AccountMessage } from '@tributary/contracts';
import { parseScopedKey } from '@tributary/kernel';
import { accountOf, accountsIn, countedAmong, peopleOf, type Person } from '../recompute/accounts.js';
import type { Activations } from '../recompute/activations.js';
import { computedOf } from '../recompute/computed.js';
import type { Trait } from '../recompute/definitions.js';
import { byTime, historyOf } from '../recompute/history.js';
import type { Comparison } from './comparison.js';
import { isSameJson, jsonOf } from './json.js';

const WHERE = TOPICS.accounts.name;

/** By what accounts are recomputed. */
export interface AccountsAsOf {
  readonly traits: ReadonlyMap<string, Trait>;
  readonly activations: Activations;
  /** When windows are looked at, in milliseconds since 1970. */
  readonly at: number;
  /** Whether the log has no longer all that was received: of who was forgotten nobody has the calls then. */
  readonly isRetired: boolean;
}

/** Compares each account with what group calls and the events of its people say. */
export function compareAccounts(comparison: Comparison, asOf: AccountsAsOf): void {
  const find = comparison.scratch.db.prepare('SELECT body FROM accounts WHERE key = ?');
  for (const { account } of accountsIn(comparison.scratch)) {
    if (!comparison.isSampled(account)) continue;
    const people = peopleOf(comparison.scratch, account);
    if (isAccountMoving(comparison, account, people)) {
      comparison.count('accounts that move, not compared');
      continue;
    }
    comparison.count('accounts');
    const row = find.get(account) as { readonly body: Uint8Array } | undefined;
    const found = row && (jsonOf(row.body) as AccountMessage);
    for (const [part, expected, said] of faultsOf(comparison, account, { people, found, asOf }))
      comparison.differ({
        subject: 'profiles',
        key: account,
        where: WHERE,
        expected: { [part]: expected },
        found: { [part]: said, at: found?.at },
      });
  }
}

/** Whether an account, or somebody who belongs to it, is not compared. */
export function isAccountMoving(
  comparison: Comparison,
  account: string,
  people = peopleOf(comparison.scratch, account),
): boolean {
  const isMoving = people.some(({ component }) => comparison.reasonToLeaveOut(component) !== undefined);
  return isMoving || comparison.latecomers.accounts.has(account);
}

type Fault = readonly [part: string, expected: unknown, found: unknown];

function* faultsOf(
  comparison: Comparison,
  account: string,
  {
    people,
    found,
    asOf,
  }: {
    readonly people: readonly Person[];
    readonly found: AccountMessage | undefined;
    readonly asOf: AccountsAsOf;
  },
): Iterable<Fault> {
  const { hasMoreTraits, ...said } = accountOf(comparison.scratch, account);
  if (!found) {
    yield ['account', said, 'no record'];
    return;
  }
  const { workspaceId } = parseScopedKey(account);
  const traits = [...asOf.traits.values()].filter(
    (one) => one.of === 'accounts' && one.workspaceId === workspaceId,
  );
  const { counted, isOfSome } = countedAmong(people);
  const truncated = [
    ...(found.truncated?.includes('computed') ? ['computed'] : []),
    ...(traits.length > 0 && isOfSome ? ['people'] : []),
    ...(hasMoreTraits ? ['traits'] : []),
  ];
  const expected = {
    ...(asOf.isRetired ? {} : said),
    peopleCount: people.length,
    truncated: truncated.length > 0 ? truncated : undefined,
  };
  for (const [part, value] of Object.entries(expected)) {
    const published = found[part as keyof AccountMessage];
    if (!isSameJson(value, published)) yield [part, value, published];
  }
  if (!found.truncated?.includes('computed'))
    yield* computedFaults(comparison, { counted, traits, found, asOf });
}

function* computedFaults(
  comparison: Comparison,
  {
    counted,
    traits,
    found,
    asOf: { activations, at },
  }: {
    readonly counted: readonly Person[];
    readonly traits: readonly Trait[];
    readonly found: AccountMessage;
    readonly asOf: AccountsAsOf;
  },
): Iterable<Fault> {
  const expected: Record<string, unknown> = {};
  if (traits.length > 0) {
    const events = counted
      .flatMap(({ profile }) => historyOf(comparison.scratch, activations, profile))
      .sort(byTime);
    const saidAt = Date.parse(found.at);
    for (const { key, trait, workspaceId } of traits) {
      comparison.count('computed traits of accounts');
      const instant = trait.reducer.op.startsWith('time_since') ? saidAt : Math.max(saidAt, at);
      const value = computedOf(trait, { events }, instant, ({ hash }) =>
        activations.boundOf(workspaceId, hash),
      );
      if (value !== undefined) expected[key] = value;
    }
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found.computed)]))
    if (!isSameJson(expected[key], found.computed[key]))
      yield [`computed ${key}`, expected[key], found.computed[key]];
}
