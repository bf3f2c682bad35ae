import { afterEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import {
  aggregateFactOf,
  audience,
  fragments,
  inForce,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const WINDOW_MS = 10_000;
const START = 1_000_000;
let driver: ProcessorDriver<MembershipsState>;

afterEach(() => driver.close());

const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const pros = audience('pros', "trait('plan') = 'pro'");
const regulars = audience('regulars', "event('Order Completed').within(10 seconds).count() >= 2");
const brief = audience('brief', "event('Order Completed').within(5 seconds).count() >= 1");
const prosWhoBuy = audience(
  'pros-who-buy',
  "trait('plan') = 'pro' AND event('Order Completed').within(10 seconds).count() >= 1",
);
const start = async (audiences = [buyers, pros, regulars]) => {
  driver = await startProcessor(inForce(...audiences));
};
/** The owner sleeps until this instant. */
const sleepUntil = (instant: number) => {
  driver.clock.sleep(instant - driver.clock.now());
};
const feed = async (facts: Readonly<Record<string, unknown>>) =>
  published(await driver.feed(TOPICS.fragments, fragments(facts)));

const aggregate = aggregateFactOf(buyers);
const home = { '@attached': { attached: true } };

describe('a window that has passed', () => {
  it('is published as time, also when a fact of another audience comes before the timer', async () => {
    await start();
    expect(await feed({ [aggregate]: [[START, 'm1']], ...home })).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: START },
    ]);

    const late = START + WINDOW_MS + 5;
    sleepUntil(late);
    expect(await feed({ 'trait/plan': traitFact('pro', late, 'm2') })).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: START + WINDOW_MS },
      { audienceKey: 'pros', member: true, cause: 'event', since: late },
    ]);
  });

  it('is published at its instant when an event comes late, after what decided it is forgotten', async () => {
    await start([regulars, pros]);
    const pair = [
      [START + 1, 'm2'],
      [START, 'm1'],
    ];
    sleepUntil(START + 2);
    expect(await feed({ [aggregateFactOf(regulars)]: pair, ...home })).toEqual([
      { audienceKey: 'regulars', member: true, cause: 'event', since: START + 1 },
    ]);

    sleepUntil(START + 60_000);
    const late = [
      [START + 50_000, 'm3'],
      [START + 1, 'm2'],
    ];
    expect(await feed({ [aggregateFactOf(regulars)]: late })).toEqual([
      { audienceKey: 'regulars', member: false, cause: 'time', since: START + WINDOW_MS },
    ]);
  });

  it('is published with the entry that follows it, when both are learnt of at once', async () => {
    await start();
    await feed({ [aggregate]: [[START, 'm1']], ...home });
    sleepUntil(START + 60_000);
    expect(await feed({ [aggregate]: [[START + 55_000, 'm2']] })).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: START + WINDOW_MS },
      { audienceKey: 'buyers', member: true, cause: 'event', since: START + 55_000 },
    ]);
  });

  it('is published at its own instant, whatever other audience’s window passed before it', async () => {
    await start([buyers, brief]);
    await feed({ [aggregate]: [[START, 'm1']], ...home });
    sleepUntil(START + 60_000);
    expect(await feed({ [aggregate]: [[START + 59_000, 'm2']] })).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: START + WINDOW_MS },
      { audienceKey: 'buyers', member: true, cause: 'event', since: START + 59_000 },
      { audienceKey: 'brief', member: false, cause: 'time', since: START + WINDOW_MS / 2 },
      { audienceKey: 'brief', member: true, cause: 'event', since: START + 59_000 },
    ]);
  });
});

describe('a change of which the facts do not tell when it came', () => {
  it('came with the latest of them, not when it was noticed', async () => {
    await start([prosWhoBuy]);
    await feed({ [aggregate]: [[START, 'm1']], 'trait/plan': traitFact('pro', START, 'pro'), ...home });
    sleepUntil(START + 3_000);
    const free = traitFact('free', START + 1_000, 'free');
    expect(await feed({ [aggregate]: [[START + 2_000, 'm2']], 'trait/plan': free })).toEqual([
      { audienceKey: 'pros-who-buy', member: false, cause: 'event', since: START + 2_000 },
    ]);
  });
});

describe('an owner whose clock is behind the collector’s', () => {
  it('tells of events at their own times', async () => {
    await start();
    const ahead = START + 5_000;
    expect(
      await feed({ [aggregate]: [[ahead, 'm1']], 'trait/plan': traitFact('pro', ahead, 'm2'), ...home }),
    ).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: ahead },
      { audienceKey: 'pros', member: true, cause: 'event', since: ahead },
    ]);
  });
});
