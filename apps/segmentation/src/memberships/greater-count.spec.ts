import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  aggregateFactOf,
  audience,
  fragments,
  inForce,
  published,
  startProcessor,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const START = 1_000_000;
const WINDOW_MS = 10_000;
const twice = audience('often', "event('Order Completed').within(10 seconds).count() >= 2");
const thrice = audience('often', "event('Order Completed').within(10 seconds).count() >= 3");
const aggregate = aggregateFactOf(twice);
const home = { '@attached': { attached: true } };
const entry = (n: number) => [START + n, `m${n}`, START + n, 0];
/** Two were kept, and others dropped before them. */
const two = { generation: 0, bound: 2, live: { entries: [entry(2), entry(1)], limit: 'last' } };
/** The next generation, as yet with what the former one knew. */
const grown = (live: readonly unknown[], base: object) => ({
  generation: 5,
  bound: 3,
  live: { entries: live },
  base,
});
const known = { version: -1, isWhole: false, part: two.live };
const sown = (...entries: readonly unknown[]) => ({ version: 7, isWhole: true, part: { entries } });

let driver: ProcessorDriver<MembershipsState>;
let audiences: Map<string, Audience>;

const feed = async (value: object) =>
  published(await driver.feed(TOPICS.fragments, fragments({ [aggregate]: value })));

beforeEach(async () => {
  audiences = inForce(twice);
  driver = await startProcessor(audiences);
  driver.clock.sleep(5);
  expect(
    published(await driver.feed(TOPICS.fragments, fragments({ [aggregate]: two, ...home }))),
  ).toMatchObject([{ member: true }]);
  audiences.set('w/often', { ...thrice, definedAt: driver.clock.now() });
  expect(published(await driver.redefined())).toEqual([]);
});
afterEach(() => driver.close());

describe('an audience that asks for a greater count than was kept', () => {
  it('shares its aggregate with the lesser one', () => {
    expect(aggregateFactOf(thrice)).toBe(aggregate);
  });

  it('keeps its members while it is not known who belongs, and when they turn out to', async () => {
    expect(await feed(grown([], known))).toEqual([]);
    expect(await feed(grown([entry(3)], known))).toEqual([]);
    expect(await feed(grown([entry(3)], sown(entry(2), entry(1), entry(0))))).toEqual([]);
  });

  it('lets go who turns out not to belong', async () => {
    expect(await feed(grown([], known))).toEqual([]);
    expect(await feed(grown([], sown(entry(2), entry(1))))).toMatchObject([{ member: false }]);
  });

  it('lets go who is out of the window, whatever there was before', async () => {
    expect(published(await driver.advance(WINDOW_MS))).toEqual([
      { audienceKey: 'often', member: false, cause: 'time', since: START + 1 + WINDOW_MS },
    ]);
  });
});
