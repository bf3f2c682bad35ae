import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { wantedBy } from '@tributary/audiences';
import { activeAggregateKey, TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import { AggregateProgress } from '@tributary/processing';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  aggregateFactOf,
  audience,
  fragments,
  inForce,
  memberships,
  published,
  startProcessor,
} from '../../test/memberships.fixture.js';
import { MEMBERSHIPS } from './memberships.module.js';
import type { MembershipsState } from './memberships.processor.js';

const START = 1_000_000;
const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const never = audience('never', "event('Order Completed').count() = 0");
const twice = audience('regulars', "event('Order Completed').count() >= 2");
const thrice = audience('regulars', "event('Order Completed').count() >= 3");
const orders = aggregateFactOf(buyers);
const home = { '@attached': { attached: true } };

let driver: ProcessorDriver<MembershipsState>;
let audiences: Map<string, Audience>;
let known: AggregateProgress;

beforeEach(async () => {
  audiences = inForce();
  known = new AggregateProgress(2);
  driver = await startProcessor(audiences, {}, MEMBERSHIPS, known);
});
afterEach(() => driver.close());

/** Both partitions of the event log fold what the definition reads; so many of them know what was before. */
function fold({ definition }: Audience, partitions = 2): void {
  for (const { aggregate, bound } of wantedBy(definition)) {
    for (const partition of [0, 1]) {
      const of = partition < partitions ? { bound, known: bound } : { bound };
      const key = activeAggregateKey('w', aggregate.hash, partition);
      known.take({ key, value: Buffer.from(JSON.stringify(of)) });
    }
  }
}
const define = async (definition: Audience) => {
  audiences.set(`w/${definition.key}`, { ...definition, definedAt: driver.clock.now() });
  return published(await driver.redefined());
};
const feed = async (facts: Readonly<Record<string, unknown>>, profileId = 'p') =>
  published(await driver.feed(TOPICS.fragments, fragments({ ...facts, ...home }, { profileId })));
const becomesKnown = async (definition: Audience) => {
  fold(definition);
  const taken = published(await driver.redefined());
  return [...taken, ...published(await driver.advance(100))];
};

describe('an audience whose past is not known', () => {
  it('tells nothing, and then its first members as of that instant, marked', async () => {
    fold(buyers, 1);
    expect(await define(buyers)).toEqual([]);
    driver.clock.sleep(1_000);
    expect(await feed({ [orders]: [[START + 500, 'm']] })).toEqual([]);
    driver.clock.sleep(1_000);
    expect(await becomesKnown(buyers)).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'back-fill', since: START + 2_000 },
    ]);
    // From then on it is like any other.
    expect(published(await driver.advance(9_000))).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: START + 10_500 },
    ]);
  });

  it('tells of nobody that he never did what he did before', async () => {
    await define(never);
    await feed({}, 'one');
    await feed({}, 'another');
    // The seeds come before it is known.
    await feed({ [aggregateFactOf(never)]: [[START - 9_000, 'm']] }, 'one');
    await feed({ '@seen': { first: START, last: START, count: 1 } }, 'another');
    expect(await becomesKnown(never)).toMatchObject([{ member: true, cause: 'back-fill' }]);
    expect(memberships(driver.outputs(TOPICS.memberships)).map(({ profileId }) => profileId)).toEqual([
      'another',
    ]);
  });

  it('waits until this partition has read the facts that were published before it was known', async () => {
    await define(buyers);
    const facts = fragments({ [orders]: [[START, 'm']], ...home });
    driver.logs.write(TOPICS.fragments, facts);
    fold(buyers);
    expect(published(await driver.redefined())).toEqual([]);
    await driver.restart();
    await driver.poll();
    await driver.advance(100);
    const all = published(driver.outputs(TOPICS.memberships));
    expect(all).toMatchObject([{ audienceKey: 'buyers', member: true, cause: 'back-fill' }]);
  });
});

describe('an audience that is edited', () => {
  beforeEach(async () => {
    fold(twice);
    await define(twice);
    const facts = {
      [aggregateFactOf(twice)]: [
        [START, 'm2'],
        [START - 1, 'm1'],
      ],
    };
    expect(await feed(facts, 'two')).toMatchObject([{ member: true }]);
  });

  const orderOf = (profileId: string, ...ids: readonly string[]) =>
    feed({ [aggregateFactOf(twice)]: ids.map((id, i) => [START - i, id]) }, profileId);

  it('goes by the definition before until the new one is known, and then tells the difference alone', async () => {
    expect(await define(thrice)).toEqual([]);
    expect(await orderOf('three', 'c', 'b')).toMatchObject([{ member: true }]);
    await orderOf('three', 'd', 'c', 'b');
    driver.clock.sleep(1_000);
    expect(await becomesKnown(thrice)).toEqual([
      { audienceKey: 'regulars', member: false, cause: 'definition', since: START + 1_000 },
    ]);
  });

  it.each(['restart', 'crash'] as const)(
    'goes by the definition before after a %s, of which no other place tells any more',
    async (end) => {
      await define(thrice);
      if (end === 'crash') await driver.restart();
      await driver[end]();
      expect(await orderOf('three', 'c', 'b')).toMatchObject([{ member: true }]);
      expect((await becomesKnown(thrice)).map(({ member }) => member)).toEqual([false, false]);
    },
  );

  it('lets go at once when it is removed meanwhile', async () => {
    await define(thrice);
    audiences.delete('w/regulars');
    expect(published(await driver.redefined())).toMatchObject([{ member: false, cause: 'definition' }]);
    expect(await becomesKnown(thrice)).toEqual([]);
  });
});
