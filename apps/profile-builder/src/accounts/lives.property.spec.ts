import { describe, expect, it } from '@jest/globals';
import { TOPICS, type AccountMessage } from '@tributary/contracts';
import { live, lives, ProcessorDriver } from '@tributary/drivers';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { accountsIn, call, paid, person, SPENT, told, traitOfAccounts } from '../../test/accounts.fixture.js';
import type { AccountsState } from './account-state.js';
import { ACCOUNTS } from './accounts.module.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_GATHER_MS: 200,
  PROFILE_BUILDER_PUBLISH_MS: 1_000,
};
const spent = traitOfAccounts('spent', SPENT);
const definitions = { all: new Map([['w/spent', spent]]) };
const GROUPS = ['acme', 'other'] as const;

interface Said {
  readonly groupId: (typeof GROUPS)[number];
  /** Of a call: its trait, value and time. */
  readonly trait: string;
  readonly value: number | null;
  readonly at: number;
  /** Which person it is about, and as of which version. */
  readonly n: number;
  readonly version: number;
  readonly isCall: boolean;
}

/** Calls and people in any order, also what former owners say late. */
const facts: fc.Arbitrary<readonly Said[]> = fc.array(
  fc.record({
    groupId: fc.constantFrom(...GROUPS),
    trait: fc.constantFrom('plan', 'seats', '__proto__'),
    value: fc.option(fc.nat(3)),
    at: fc.nat(4),
    n: fc.nat(3),
    version: fc.nat(6),
    isCall: fc.boolean(),
  }),
  { maxLength: 15 },
);

const idOf = ({ trait, value, at }: Said) => `${trait} ${value} ${at}`;
/** A version says one thing alone. */
const belongs = ({ n, version }: Said) => (n + version) % 3 !== 0;
const priceOf = ({ n, version }: Said) => n * 10 + version;

function toRecord(said: Said) {
  const { groupId, trait, value, at, n, version, isCall } = said;
  if (isCall) return call(groupId, idOf(said), Object.fromEntries([[trait, value]]), at);
  const aggregates = paid(spent, [[1, priceOf(said)]]);
  return person(groupId, n, version, belongs(said) ? { since: 1, aggregates } : {});
}

/** What an account comes to, whatever the order. */
function naive(all: readonly Said[], groupId: string) {
  const of = all.filter((one) => one.groupId === groupId);
  const calls = of.filter(({ isCall }) => isCall);
  if (calls.length === 0) return undefined;
  const isEarlier = (a: Said, b: Said) => a.at - b.at || (idOf(a) < idOf(b) ? -1 : 1);
  const values = new Map([...calls].sort(isEarlier).map(({ trait, value }) => [trait, value]));
  const people = new Map(
    of
      .filter(({ isCall }) => !isCall)
      .sort((a, b) => a.version - b.version)
      .map((one) => [one.n, one]),
  );
  const there = [...people.values()].filter(belongs);
  return {
    traits: Object.fromEntries([...values].filter(([, value]) => value !== null)),
    peopleCount: there.length,
    computed: { spent: there.reduce((sum, one) => sum + priceOf(one), 0) },
    seen: [Math.min(...calls.map(({ at }) => at)), Math.max(...calls.map(({ at }) => at))],
  };
}

/** Of each account what its readers keep, but for its instant. */
function last(driver: ProcessorDriver<AccountsState>) {
  const kept = new Map<string, Omit<AccountMessage, 'at'>>();
  for (const { at: _at, ...account } of accountsIn(driver.outputs(TOPICS.accounts)))
    if (account.version >= (kept.get(account.groupId)?.version ?? 0)) kept.set(account.groupId, account);
  return kept;
}

describe('the accounts of one log of facts', () => {
  it('are the same, and what all facts come to, however the log is read', async () => {
    await fc.assert(
      fc.asyncProperty(facts, fc.nat(15), lives, async (those, place, life) => {
        const [lived, once] = [
          await ProcessorDriver.declared(ACCOUNTS, { config, definitions, checkpointEveryMs: 0 }),
          await ProcessorDriver.declared(ACCOUNTS, { config, definitions }),
        ];
        for (const { logs } of [lived, once])
          logs.write(TOPICS.accountFacts, those.map(toRecord).toSpliced(place, 0, told(0, spent)));
        await live(lived, life);
        await once.poll();
        for (const driver of [lived, once]) await driver.advance(10_000);
        expect(last(lived)).toEqual(last(once));
        for (const groupId of GROUPS) {
          const account = last(lived).get(groupId);
          const { traits, peopleCount, computed, firstSeenAt, lastSeenAt } = account ?? {};
          const seen = [firstSeenAt, lastSeenAt].map((text) => Date.parse(text ?? ''));
          const found = account && { traits, peopleCount, computed, seen };
          expect(found).toEqual(naive(those, groupId));
        }
        await lived.close();
        await once.close();
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});
