import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PartitionStore } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audience,
  batch,
  inForce,
  aggregateFactOf,
  published,
  startProcessor,
} from '../../test/memberships.fixture.js';

const WINDOW_MS = 10_000;
let dir: string;
let store: PartitionStore;
let now: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'memberships-'));
  store = await PartitionStore.open(dir);
  now = 1_000_000;
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const pros = audience('pros', "trait('plan') = 'pro'");
const regulars = audience('regulars', "event('Order Completed').within(10 seconds).count() >= 2");
const brief = audience('brief', "event('Order Completed').within(5 seconds).count() >= 1");
const prosWhoBuy = audience(
  'pros-who-buy',
  "trait('plan') = 'pro' AND event('Order Completed').within(10 seconds).count() >= 1",
);
const start = async (audiences = [buyers, pros, regulars]) =>
  (await startProcessor(store, { now: () => now, audiences: inForce(...audiences) })).processor;

describe('a window that has passed', () => {
  it('is published as time, also when a fact of another audience comes before the timer', async () => {
    const processor = await start();
    const ordered = now;
    const entered = processor.handle(
      batch({ [aggregateFactOf(buyers)]: [[ordered, 'm1']], '@attached': { attached: true } }),
    );
    expect(published(entered)).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: ordered },
    ]);

    now = ordered + WINDOW_MS + 5;
    const plan = { value: 'pro', at: now, receivedAt: now, messageId: 'm2', sourceId: 's' };
    expect(published(processor.handle(batch({ 'trait/plan': plan })))).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: ordered + WINDOW_MS },
      { audienceKey: 'pros', member: true, cause: 'event', since: now },
    ]);
  });

  it('is published at its instant when an event comes late, after what decided it is forgotten', async () => {
    const processor = await start();
    const first = now;
    const aggregate = aggregateFactOf(regulars);
    const pair = [
      [first + 1, 'm2'],
      [first, 'm1'],
    ];
    now += 2;
    expect(
      published(processor.handle(batch({ [aggregate]: pair, '@attached': { attached: true } }))),
    ).toEqual([{ audienceKey: 'regulars', member: true, cause: 'event', since: first + 1 }]);

    now = first + 60_000;
    const late = [
      [first + 50_000, 'm3'],
      [first + 1, 'm2'],
    ];
    expect(published(processor.handle(batch({ [aggregate]: late })))).toEqual([
      { audienceKey: 'regulars', member: false, cause: 'time', since: first + WINDOW_MS },
    ]);
  });

  it('is published with the entry that follows it, when both are learnt of at once', async () => {
    const processor = await start();
    const first = now;
    const aggregate = aggregateFactOf(buyers);
    processor.handle(batch({ [aggregate]: [[first, 'm1']], '@attached': { attached: true } }));
    now = first + 60_000;
    expect(published(processor.handle(batch({ [aggregate]: [[first + 55_000, 'm2']] })))).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: first + WINDOW_MS },
      { audienceKey: 'buyers', member: true, cause: 'event', since: first + 55_000 },
    ]);
  });

  it('is published at its own instant, whatever other audience’s window passed before it', async () => {
    const processor = await start([buyers, brief]);
    const first = now;
    const aggregate = aggregateFactOf(buyers);
    processor.handle(batch({ [aggregate]: [[first, 'm1']], '@attached': { attached: true } }));
    now = first + 60_000;
    const [buyersOut, briefOut] = [first + WINDOW_MS, first + WINDOW_MS / 2];
    expect(published(processor.handle(batch({ [aggregate]: [[first + 59_000, 'm2']] })))).toEqual([
      { audienceKey: 'buyers', member: false, cause: 'time', since: buyersOut },
      { audienceKey: 'buyers', member: true, cause: 'event', since: first + 59_000 },
      { audienceKey: 'brief', member: false, cause: 'time', since: briefOut },
      { audienceKey: 'brief', member: true, cause: 'event', since: first + 59_000 },
    ]);
  });
});

describe('a change of which the facts do not tell when it came', () => {
  it('came with the latest of them, not when it was noticed', async () => {
    const processor = await start([prosWhoBuy]);
    const first = now;
    const aggregate = aggregateFactOf(buyers);
    const trait = (value: string, at: number) => ({
      value,
      at,
      receivedAt: at,
      messageId: value,
      sourceId: 's',
    });
    processor.handle(
      batch({
        [aggregate]: [[first, 'm1']],
        'trait/plan': trait('pro', first),
        '@attached': { attached: true },
      }),
    );
    now = first + 3_000;
    const later = { [aggregate]: [[first + 2_000, 'm2']], 'trait/plan': trait('free', first + 1_000) };
    expect(published(processor.handle(batch(later)))).toEqual([
      { audienceKey: 'pros-who-buy', member: false, cause: 'event', since: first + 2_000 },
    ]);
  });
});

describe('an owner whose clock is behind the collector’s', () => {
  it('tells of events at their own times', async () => {
    const processor = await start();
    const ahead = now + 5_000;
    const aggregate = aggregateFactOf(buyers);
    const plan = { value: 'pro', at: ahead, receivedAt: ahead, messageId: 'm2', sourceId: 's' };
    expect(
      published(
        processor.handle(
          batch({ [aggregate]: [[ahead, 'm1']], 'trait/plan': plan, '@attached': { attached: true } }),
        ),
      ),
    ).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: ahead },
      { audienceKey: 'pros', member: true, cause: 'event', since: ahead },
    ]);
  });
});
