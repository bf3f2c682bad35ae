import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  aggregatesOfMerge,
  beginAggregate,
  foldOccurrence,
  type MergeStrategy,
  type Occurring,
} from '@tributary/audiences';
import { TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import { withMerges, type Audience } from '../audiences/audiences-in-force.js';
import {
  ALL_KNOWN,
  audience,
  fragments,
  inForce,
  memberships,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import { MEMBERSHIPS } from './memberships.module.js';
import type { MembershipsState } from './memberships.processor.js';

const START = 1_000_000;
const plain = audience('rich', "trait('spent') >= 10");
const ruled = (merge: MergeStrategy | undefined) => withMerges(plain, () => merge);
const home = { '@attached': { attached: true } };

let driver: ProcessorDriver<MembershipsState>;
let audiences: Map<string, Audience>;
let isKnown: boolean;

beforeEach(async () => {
  isKnown = true;
  audiences = inForce();
  const known = { ...ALL_KNOWN, isKnown: () => isKnown };
  driver = await startProcessor(audiences, {}, MEMBERSHIPS, known);
});
afterEach(() => driver.close());

async function define(merge: MergeStrategy | undefined) {
  audiences.set('w/rich', ruled(merge));
  const told = published(await driver.redefined());
  return [...told, ...published(await driver.advance(100))];
}

/** What an identifier sent of the trait: the latest, and what each strategy keeps. */
function sent(...calls: readonly (readonly [at: number, value: unknown])[]) {
  const [at, value] = calls.reduce((a, b) => (b[0] > a[0] ? b : a));
  const wanted = (['earliest', 'non_empty', 'max', 'min', 'union', 'add'] as const).flatMap((one) =>
    aggregatesOfMerge('spent', one),
  );
  const states = wanted.map(({ aggregate, bound }) => {
    const state = calls
      .map(([time, each]): Occurring => {
        return { time, receivedAt: time, sequence: 0, id: `m${time}`, messageId: `m${time}`, value: each };
      })
      .reduce(
        (folded, one) => foldOccurrence(aggregate, folded, one),
        beginAggregate(0, bound, { isNew: true }),
      );
    return [`aggregate/${aggregate.hash}`, state] as const;
  });
  return { 'trait/spent': traitFact(value, at, `m${at}`), ...Object.fromEntries(states) };
}

const feed = async (facts: Readonly<Record<string, unknown>>, identifier = 'user_id:u') =>
  driver.feed(TOPICS.fragments, fragments({ ...facts, ...home }, { identifier }));
const member = (is: boolean, cause: string, since: number) => ({
  ...{ audienceKey: 'rich', member: is, cause, since },
});

describe('an audience of a trait with a rule', () => {
  it.each<[MergeStrategy, boolean]>([
    ['latest', false],
    ['earliest', false],
    ['non_empty', false],
    ['max', true],
    ['min', false],
    ['add', true],
    ['union', true],
  ])('reads what %s makes of what was sent: a member %s', async (merge, is) => {
    await feed(sent([1, 4], [2, 12], [3, 5]));
    const told = await define(merge);
    expect(told.some((one) => one.member)).toBe(is);
  });

  it('changes by the event that changes the value, at its time', async () => {
    await define('add');
    await feed(sent([START - 2, 4]));
    const out = await feed(sent([START - 2, 4], [START - 1, 6]));
    expect(published(out)).toEqual([member(true, 'event', START - 1)]);
    expect(memberships(out)).toMatchObject([{ causedBy: `m${START - 1}` }]);
  });

  it('sums over all who are one person, and ends with one who leaves', async () => {
    await define('add');
    await feed(sent([1, 4]));
    expect(published(await feed(sent([2, 6]), 'email:e'))).toMatchObject([{ member: true }]);
    const left = fragments(
      { '@attached': { attached: false, movedTo: 'q' } },
      { identifier: 'email:e', assignment: 1 },
    );
    expect(published(await driver.feed(TOPICS.fragments, left))).toMatchObject([{ member: false }]);
  });

  it('is by the rule before until what was sent before is known, over a restart, too', async () => {
    await define(undefined);
    await feed(sent([1, 12], [2, 5]));
    isKnown = false;
    expect(await define('max')).toEqual([]);
    await driver.restart();
    expect(await define('max')).toEqual([]);
    isKnown = true;
    const told = await define('max');
    expect(told).toEqual([member(true, 'definition', expect.any(Number) as never)]);
    expect(told[0]?.since).toBeGreaterThanOrEqual(START);
  });

  it('is by the latest value again when the rule is removed, as of then', async () => {
    await define('max');
    await feed(sent([1, 12], [2, 5]));
    const told = await define(undefined);
    expect(told).toMatchObject([{ member: false, cause: 'definition' }]);
    expect(told[0]?.since).toBeGreaterThanOrEqual(START);
  });
});
