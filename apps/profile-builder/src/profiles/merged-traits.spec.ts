import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  beginAggregate,
  foldOccurrence,
  MAX_PICKED_BYTES,
  type MergeStrategy,
  type Occurring,
} from '@tributary/audiences';
import { fragmentKey, messageOf, TOPICS, type ProfileMessage } from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import { mergeId, toMergeInForce } from '../traits/merges-in-force.js';
import type { AnyTraitInForce } from '../traits/traits-in-force.js';
import { PROFILES } from './profiles.module.js';
import type { ProfilesState } from './profiles.processor.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100_000,
  PROFILE_BUILDER_GATHER_MS: 0,
  PROFILE_BUILDER_PUBLISH_MS: 0,
};
const rules = new Map<string, AnyTraitInForce>();
let isKnown: boolean;
let driver: ProcessorDriver<ProfilesState>;
let offset = 0;

beforeEach(async () => {
  rules.clear();
  isKnown = true;
  driver = await ProcessorDriver.declared(PROFILES, {
    config,
    definitions: { all: rules, borders: new Map(), known: { ...ALL_KNOWN, isKnown: () => isKnown } },
  });
});
afterEach(() => driver.close());

async function rule(merge: MergeStrategy | undefined): Promise<readonly LogRecord[]> {
  const id = `w/${mergeId('plan')}`;
  if (merge) rules.set(id, toMergeInForce('w', 'plan', merge));
  else rules.delete(id);
  const published = await driver.redefined();
  return [...published, ...(await driver.advance(100))];
}

function said(identifier: string, fact: string, value: unknown) {
  offset += 1;
  const version = fact === '@attached' ? [offset, -1] : [offset, offset];
  return {
    key: fragmentKey('w', 'p', identifier, groupOfFact(fact)),
    value: JSON.stringify({
      workspaceId: 'w',
      profileId: 'p',
      identifier,
      facts: { [fact]: { version, value } },
    }),
    headers: { schema: 'fragment@1' },
  };
}

const begins = (identifier: string) => [
  said(identifier, '@attached', { attached: true }),
  said(identifier, '@seen', { first: 1, last: 2, count: 1 }),
];

/** What an identifier sent of the trait, and when: as the latest, and as what each strategy keeps of it. */
function sent(identifier: string, ...calls: readonly (readonly [at: number, value: unknown])[]) {
  const [at, value] = calls.reduce((a, b) => (b[0] > a[0] ? b : a));
  const latest = { value, at, receivedAt: at, messageId: `${identifier} ${at}`, sourceId: 's' };
  const aggregates = new Map(
    (['earliest', 'non_empty', 'max', 'min', 'union', 'add'] as const)
      .flatMap((one) => toMergeInForce('w', 'plan', one).wanted)
      .map((one) => [one.aggregate.hash, one]),
  );
  const states = [...aggregates.values()].map(({ aggregate, bound }) => {
    const occurrences = calls.map(([time, each]): Occurring => {
      const ids = { id: `${identifier} ${time}`, messageId: `${identifier} ${time}`, sourceId: 's' };
      return { time, receivedAt: time, sequence: 0, ...ids, value: each };
    });
    const state = occurrences
      .filter(({ value: one }) => one !== null)
      .reduce(
        (folded, one) => foldOccurrence(aggregate, folded, one),
        beginAggregate(0, bound, { isNew: true }),
      );
    return said(identifier, `aggregate/${aggregate.hash}`, state);
  });
  return [said(identifier, 'trait/plan', latest), ...states];
}

const feed = (...facts: readonly ReturnType<typeof said>[]) => driver.feed(TOPICS.fragments, facts);
function lastIn(outputs: readonly LogRecord[]): Partial<ProfileMessage> | undefined {
  const record = outputs.findLast(({ topic }) => topic === TOPICS.profiles.name);
  return record && (messageOf(record) as ProfileMessage);
}
const sourceOf = (identifier: string, at: number) => ({
  plan: { at: new Date(at).toISOString(), sourceId: 's', messageId: `${identifier} ${at}` },
});

describe('a trait with a rule', () => {
  it.each<[MergeStrategy, unknown, object]>([
    ['latest', 2, sourceOf('email:e', 9)],
    ['earliest', 5, sourceOf('email:e', 1)],
    ['max', 7, sourceOf('user_id:u', 4)],
    ['min', 2, sourceOf('email:e', 9)],
    ['union', [2, 5, 7], {}],
    ['add', 14, {}],
  ])('is merged by %s from everybody who is one person: %j', async (merge, value, traitSources) => {
    await feed(...begins('user_id:u'), ...begins('email:e'));
    await feed(...sent('user_id:u', [4, 7]), ...sent('email:e', [1, 5], [9, 2]));
    const plain = lastIn(await rule(merge)) ?? { traits: { plan: 2 }, traitSources: sourceOf('email:e', 9) };
    expect(plain).toMatchObject({ traits: { plan: value } });
    expect(plain.traitSources).toEqual(traitSources);
  });

  it('has the value by the rule before until what was sent before is known', async () => {
    await feed(...begins('user_id:u'), ...sent('user_id:u', [1, 7], [2, 3]));
    isKnown = false;
    expect(lastIn(await rule('max'))).toBeUndefined();
    isKnown = true;
    expect(lastIn(await rule('max'))).toMatchObject({ traits: { plan: 7 } });
    isKnown = false;
    expect(lastIn(await rule('min'))).toBeUndefined();
    await driver.restart();
    isKnown = true;
    expect(lastIn(await rule('min'))).toMatchObject({ traits: { plan: 3 } });
  });

  it('has its latest value again when the rule is removed', async () => {
    await feed(...begins('user_id:u'), ...sent('user_id:u', [1, 7], [2, 3]));
    await rule('max');
    expect(lastIn(await rule(undefined))).toMatchObject({ traits: { plan: 3 } });
  });

  it('changes with the next call and goes with an identifier that leaves', async () => {
    await rule('max');
    await feed(...begins('user_id:u'), ...begins('email:e'));
    expect(lastIn(await feed(...sent('user_id:u', [1, 7])))).toMatchObject({ traits: { plan: 7 } });
    expect(lastIn(await feed(...sent('email:e', [2, 9])))).toMatchObject({ traits: { plan: 9 } });
    const left = said('email:e', '@attached', { attached: false, movedTo: 'q' });
    expect(lastIn(await feed(left))).toMatchObject({ traits: { plan: 7 } });
  });

  it('is not removed by null, which only the latest is', async () => {
    await rule('non_empty');
    await feed(...begins('user_id:u'));
    expect(lastIn(await feed(...sent('user_id:u', [1, 'pro'], [2, ''], [3, null])))).toMatchObject({
      traits: { plan: 'pro' },
      traitSources: sourceOf('user_id:u', 1),
    });
    expect(lastIn(await rule('latest'))).toMatchObject({ traits: {} });
  });

  it('keeps nested values as they were sent', async () => {
    await rule('earliest');
    await feed(...begins('user_id:u'));
    const value = { a: [1, { b: null }, 'x'], 'c.d': true };
    expect(lastIn(await feed(...sent('user_id:u', [1, value])))?.traits).toEqual({ plan: value });
  });

  it('is absent where the value that is picked is too large, and the profile says so', async () => {
    await rule('earliest');
    await feed(...begins('user_id:u'));
    const value = { text: 'x'.repeat(MAX_PICKED_BYTES) };
    expect(lastIn(await feed(...sent('user_id:u', [1, value], [2, 'small'])))).toMatchObject({
      traits: {},
      truncated: ['traits'],
    });
  });
});
