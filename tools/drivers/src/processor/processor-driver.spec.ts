import { afterEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { LostRangeError, type LogRecord } from '@tributary/kafka';
import { UndeclaredTopicError, type PartitionContext, type PartitionProcessor } from '@tributary/state';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { DrivenClock } from './driven-clock.js';
import { DrivenLogs, RefusedError } from './driven-logs.js';
import { live, lives } from './lives.js';
import { ProcessorDriver, type DrivenProcessor, type DriverOptions } from './processor-driver.js';

interface Count {
  readonly n: number;
}

const WORDS = TOPICS.events;
const COUNTS = TOPICS.changes;
const LATE = TOPICS.memberships;
const WAIT_MS = 500;

/** Says after each word how often it occurred, and, half a second after it, that it is late. */
function counting(context: PartitionContext<Count>, now: () => number): PartitionProcessor {
  const { state } = context;
  return {
    handle: ({ topic, records }) => {
      const fresh = records.filter(({ key, offset }) => !state.isFolded(key, topic, offset));
      const counts = fresh.map(({ key, offset }) => {
        const n = (state.get(key)?.n ?? 0) + 1;
        state.set(key, { n }, topic, offset);
        return { topic: COUNTS.name, key, value: String(n) };
      });
      context.wakeAt(now() + WAIT_MS);
      return [counts];
    },
    wake: () => [[{ topic: LATE.name, key: 'late', value: String(now()) }]],
    republish: (topic, key) => ({ topic, key, value: String(state.get(key)?.n) }),
  };
}

const drivers: ProcessorDriver<Count>[] = [];
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.close();
});

async function start(more: Partial<DrivenProcessor<Count>> = {}, options: DriverOptions = {}) {
  const { clock = new DrivenClock() } = options;
  const counter: DrivenProcessor<Count> = {
    name: 'counter',
    inputs: [WORDS.name],
    publishes: [COUNTS.name, LATE.name],
    changelog: TOPICS.fragmentsState,
    processor: (context) => counting(context, clock.now),
    ...more,
  };
  const driver = await ProcessorDriver.start(counter, { ...options, clock });
  drivers.push(driver);
  return driver;
}

const words = (...keys: readonly string[]) => keys.map((key) => ({ key, value: '' }));
const said = (outputs: readonly LogRecord[]) => outputs.map(({ key, value }) => `${key} ${String(value)}`);

describe('a driven processor', () => {
  it('publishes what follows from what it is fed', async () => {
    const driver = await start();
    expect(said(await driver.feed(WORDS, words('a', 'b')))).toEqual(['a 1', 'b 1']);
    expect(said(await driver.feed(WORDS, words('a')))).toEqual(['a 2']);
    expect(said(driver.outputs(COUNTS))).toEqual(['a 1', 'b 1', 'a 2']);
  });

  it('is woken at its instants when the clock moves on, and late after a sleep', async () => {
    const driver = await start({}, { clock: new DrivenClock(1_000) });
    await driver.feed(WORDS, words('a'));
    expect(said(await driver.advance(WAIT_MS - 1))).toEqual([]);
    expect(said(await driver.advance(10_000))).toEqual(['late 1500']);
    await driver.feed(WORDS, words('a'));
    driver.clock.sleep(10_000);
    expect(said(await driver.advance(0))).toEqual([`late ${driver.clock.now()}`]);
  });

  it('reads what it wrote to an input of its own with the next poll', async () => {
    const echo = { inputs: [WORDS.name], publishes: [WORDS.name] };
    const driver = await start({
      ...echo,
      processor: () => ({
        handle: ({ records }) => [
          records
            .filter(({ key }) => key.length < 3)
            .map(({ key }) => ({ topic: WORDS.name, key: `${key}!`, value: '' })),
        ],
      }),
    });
    expect(said(await driver.feed(WORDS, words('a')))).toEqual(['a! ']);
    expect(said(await driver.poll())).toEqual(['a!! ']);
    expect(await driver.poll()).toEqual([]);
  });

  it('hears under which offsets each phase was taken, before the next is', async () => {
    const heard: string[] = [];
    const driver = await start({
      processor: (context) => ({
        ...counting(context, () => 0),
        acknowledged: (records, offsets) => {
          heard.push(
            ...records.map(({ key }, i) => `${key} ${offsets[i]} of ${driver.outputs(COUNTS).length}`),
          );
        },
        handle: ({ records }) => records.map(({ key }) => [{ topic: COUNTS.name, key, value: '' }]),
      }),
    });
    await driver.feed(WORDS, words('a', 'b'));
    expect(heard).toEqual(['a 0 of 1', 'b 1 of 2']);
  });

  it('dead-letters what its validator refuses', async () => {
    const driver = await start({
      validators: { [WORDS.name]: ({ key }) => (key === '' ? 'no word' : undefined) },
    });
    await driver.feed(WORDS, words('', 'a'));
    expect(said(driver.outputs(COUNTS))).toEqual(['a 1']);
    expect(driver.outputs(TOPICS.deadLetters).map(({ key }) => key)).toEqual([`counter/${WORDS.name}/0/0`]);
  });
});

describe('a topic that is not declared', () => {
  it('fails the step as in production, and nothing of it is sent', async () => {
    const driver = await start({ publishes: [LATE.name] });
    await expect(driver.feed(WORDS, words('a'))).rejects.toThrow(UndeclaredTopicError);
    expect(driver.outputs(COUNTS)).toEqual([]);
  });

  it('fails the move of the clock that wakes the step', async () => {
    const driver = await start({ publishes: [COUNTS.name] });
    await driver.feed(WORDS, words('a'));
    await expect(driver.advance(WAIT_MS)).rejects.toThrow(UndeclaredTopicError);
  });
});

describe('a driven processor that ends', () => {
  it('loses in a crash what no checkpoint holds, and reads it again', async () => {
    const driver = await start();
    await driver.feed(WORDS, words('a'));
    await driver.restart();
    await driver.feed(WORDS, words('a', 'b'));
    await driver.crash();
    expect(driver.state.get('a')).toEqual({ n: 1 });
    expect(said(await driver.poll())).toEqual(['a 2', 'b 1']);
  });

  it('reads from its changelog what was on a disk that is lost', async () => {
    const driver = await start();
    await driver.feed(WORDS, words('a', 'a'));
    await driver.restart();
    await driver.crash({ disk: 'lost' });
    expect(said(await driver.feed(WORDS, words('a')))).toEqual(['a 3']);
  });

  it('writes a checkpoint each time the given interval has passed', async () => {
    const driver = await start({}, { checkpointEveryMs: 1_000 });
    await driver.feed(WORDS, words('a'));
    await driver.feed(WORDS, words('a'));
    await driver.advance(1_000);
    await driver.crash();
    expect(await driver.poll()).toEqual([]);
    expect(driver.state.get('a')).toEqual({ n: 2 });
  });
});

describe('logs that two share', () => {
  it('let an owner repair what another wrote to a topic of its own', async () => {
    const driver = await start({ owns: [COUNTS.name] });
    await driver.feed(WORDS, words('a'));
    driver.logs.write(COUNTS, [{ key: 'a', value: '99' }]);
    await driver.feed(WORDS, words('b'));
    expect(said(driver.logs.records(COUNTS))).toEqual(['a 1', 'a 99', 'b 1', 'a 1']);
  });

  it('begin where they were retired, and have nothing before', async () => {
    const driver = await start();
    await driver.feed(WORDS, words('a', 'b', 'c'));
    driver.logs.retire(COUNTS, 2);
    expect([...(await driver.logs.bounds(COUNTS.name))]).toEqual([[0, { start: 2, end: 3 }]]);
    const read: string[] = [];
    const range = { topic: COUNTS.name, partition: 0 };
    await driver.logs.read({ ...range, from: 0 }, ({ key }) => void read.push(key));
    expect(read).toEqual(['c']);
    await expect(driver.logs.read({ ...range, from: 1 }, () => undefined)).rejects.toThrow(LostRangeError);
  });

  it('refuse a request in the middle', async () => {
    const driver = await start();
    driver.logs.refuseAfter(1);
    await expect(driver.feed(WORDS, words('a', 'b'))).rejects.toThrow(RefusedError);
    expect(said(driver.outputs(COUNTS))).toEqual(['a 1']);
    driver.logs.refuseAfter(Infinity);
    await driver.crash();
    expect(said(await driver.poll())).toEqual(['a 1', 'b 1']);
  });
});

describe('any life: any split into batches, with any crashes between and within them', () => {
  it('ends with the same states, and the same last output of each key', async () => {
    const fed = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fed, lives, async (keys, life) => {
        const driver = await start();
        driver.logs.write(WORDS, words(...keys));
        await live(driver, life);
        const counts = new Map<string, number>();
        for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
        expect(new Map([...driver.state.all()].map(({ key, state }) => [key, state.n]))).toEqual(counts);
        const last = driver.outputs(COUNTS).map(({ key, value }) => [key, Number(value)] as const);
        expect(new Map(last)).toEqual(counts);
        await drivers.pop()?.close();
      }),
      { numRuns: propertyRuns(40) },
    );
  });
});

describe('logs of several partitions', () => {
  it('place a record by its key, and read a range of one partition', async () => {
    const logs = new DrivenLogs(new DrivenClock(7), 4);
    const offsets = await logs.send(
      'a b c d e f g h'.split(' ').map((key) => ({ topic: COUNTS.name, key, value: key })),
    );
    const bounds = [...(await logs.bounds(COUNTS.name))];
    expect(bounds.reduce((sum, [, { end }]) => sum + end, 0)).toBe(offsets.length);
    const [partition = 0, { end = 0 } = {}] = bounds.find(([, one]) => one.end > 1) ?? [];
    const found: LogRecord[] = [];
    expect(
      await logs.read({ topic: COUNTS.name, partition, from: 1 }, (record) => {
        found.push(record);
      }),
    ).toBe(end);
    expect(found).toEqual(logs.records(COUNTS, partition).slice(1));
    expect(() => logs.records(COUNTS, 4)).toThrow('has no partition 4');
  });
});
