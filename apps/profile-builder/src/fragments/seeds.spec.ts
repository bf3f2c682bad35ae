import { afterEach, describe, expect, it } from '@jest/globals';
import { knownOf, type FoldedAggregate } from '@tributary/audiences';
import {
  messageOf,
  seededKey,
  TOPICS,
  type ActiveAggregateMessage,
  type FragmentMessage,
} from '@tributary/contracts';
import { ProcessorDriver, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { wantedByQuery } from '../../test/wanted.fixture.js';
import type { WantedAggregates } from './aggregates-in-force.js';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './aggregates-life.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_HOLD_MS: 2_000,
  PROFILE_BUILDER_SEEN_MS: 1_000,
};
const START = 1_700_000_000_000;
const twice = wantedByQuery("event('E').count() >= 2");
const hash = twice.wanted[0]?.aggregate.hash ?? '';
const people = ['user_id:a', 'user_id:b', 'user_id:c'];

let driver: ProcessorDriver<FragmentsState>;
let definitions: Map<string, WantedAggregates>;

afterEach(() => driver.close());

async function start(): Promise<void> {
  definitions = new Map();
  const options = { checkpointEveryMs: 0, changelogEveryMs: 30_000 };
  driver = await ProcessorDriver.declared(FRAGMENTS, {
    ...{ config, definitions: { all: definitions } },
    ...options,
  });
}

/** The n-th event of the log, of this person, perhaps with others. */
function event(n: number, ...identifiers: readonly string[]): Fed {
  const at = toInstant(START + n * 1_000);
  const message = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId: `m${n}` };
  return {
    key: `w/${identifiers[0]}`,
    value: JSON.stringify({ ...message, identifiers, context: {}, timestamp: at, receivedAt: at }),
    headers: {
      ...{ schema: 'event@1', messageId: `m${n}`, receivedAt: at },
      identifiers: JSON.stringify(identifiers),
    },
  };
}

/** Of the aggregates of `w` and `v`, as they were published. */
const activations = (records: readonly LogRecord[] = driver.outputs(TOPICS.aggregates)) =>
  records
    .filter(({ topic, value }) => topic === TOPICS.aggregates.name && value !== null)
    .map((record) => messageOf(record) as ActiveAggregateMessage);
const knownBounds = (records?: readonly LogRecord[]) => activations(records).map(({ known }) => known);

/** The seeds of the last activation, of who had the n-th event, and the mark behind them. */
function sow(seeds: Readonly<Record<string, number>>, activation = activations().at(-1)): void {
  const { generation = 0 } = activation ?? {};
  const of = { workspaceId: 'w', aggregate: hash, generation };
  const sown = Object.entries(seeds).map(([identifier, n]): Fed => {
    const time = START + n * 1_000;
    const part = { entries: [[time, `m${n}`, time, 0]] };
    const value = JSON.stringify({ ...of, identifier, kind: 'latest', part });
    return { key: `w/${identifier}`, value, headers: { schema: 'seed@1' } };
  });
  driver.logs.write(TOPICS.seeds, [
    ...sown,
    {
      key: seededKey('w', hash, 0),
      value: JSON.stringify({ ...of, partition: 0 }),
      headers: { schema: 'seeded@1' },
    },
  ]);
}

/** What facts say, in their order: whose, and which ids. */
const factsOf = (records: readonly LogRecord[]) =>
  records
    .filter(({ key }) => key.includes('aggregate/'))
    .map((record) => {
      const { identifier, facts } = messageOf(record) as FragmentMessage;
      const state = facts[`aggregate/${hash}`]?.value as FoldedAggregate;
      return [identifier, ...knownOf({ kind: 'latest' }, state).part.entries.map(([, id]) => id)];
    });

const define = () => {
  definitions.set('w/x', twice);
  return driver.redefined();
};

describe('the mark that seeds are in', () => {
  it('makes it known what was before, with the bound of the generation', async () => {
    await start();
    await driver.feed(TOPICS.events, [event(0, 'user_id:a')]);
    await define();
    sow({ 'user_id:a': 0 });
    const outputs = await driver.poll();
    expect(factsOf(outputs)).toEqual([['user_id:a', 'm0']]);
    expect(knownBounds(outputs)).toEqual([2]);
    const of = outputs.findIndex(({ topic }) => topic === TOPICS.aggregates.name);
    expect(outputs.findIndex(({ key }) => key.includes('aggregate/'))).toBeLessThan(of);
  });

  it('is no news of a former generation', async () => {
    await start();
    await define();
    const { generation } = activations()[0]!;
    definitions.set('w/x', wantedByQuery("event('E').count() >= 3"));
    await driver.redefined();
    const value = JSON.stringify({ workspaceId: 'w', aggregate: hash, partition: 0, generation });
    const key = seededKey('w', hash, 0);
    await driver.feed(TOPICS.seeds, [{ key, value, headers: { schema: 'seeded@1' } }]);
    expect(knownBounds()).not.toContain(3);
    expect(knownBounds()).not.toContain(2);
  });

  it('waits for the fragments that are held for identity', async () => {
    await start();
    await driver.feed(TOPICS.events, [event(0, 'user_id:a')]);
    await define();
    await driver.feed(TOPICS.events, [event(1, 'user_id:a', 'user_id:b')]);
    sow({ 'user_id:a': 0 });
    const outputs = await driver.poll();
    expect([factsOf(outputs), knownBounds(outputs)]).toEqual([[], []]);
    const later = await driver.advance(2_000);
    expect(factsOf(later)).toEqual([['user_id:a', 'm1', 'm0']]);
    expect(knownBounds(later)).toEqual([2]);
  });
});

describe('a partition whose disk is lost', () => {
  it('takes the seeds of who it has not met again yet', async () => {
    await start();
    await driver.feed(TOPICS.events, [event(0, 'user_id:b'), event(1, 'user_id:a')]);
    await driver.crash({ disk: 'lost' });
    await define();
    expect(activations().at(-1)).toMatchObject({ offset: 2 });
    sow({ 'user_id:a': 1, 'user_id:b': 0 });
    await driver.poll(1);
    await driver.poll();
    await driver.advance(2_000);
    const last = new Map(factsOf(driver.outputs(TOPICS.fragments)).map(([who, ...ids]) => [who, ids]));
    expect(last).toEqual(
      new Map([
        ['user_id:a', ['m1']],
        ['user_id:b', ['m0']],
      ]),
    );
  });

  it.each(Array.from({ length: 24 }, (_, room) => room))(
    'says that it is known only where it has it, when it was cut off after %i records',
    async (room) => {
      await start();
      await driver.feed(
        TOPICS.events,
        people.map((one, n) => event(n, one)),
      );
      await define();
      const sown = activations().at(-1);
      // Which aggregates there are changes, and is not yet in the changelog: it comes there before the fragments.
      definitions.set('v/y', { ...twice, workspaceId: 'v' });
      await driver.redefined();
      definitions.delete('v/y');
      await driver.redefined();
      await driver.advance(0);
      sow({ 'user_id:a': 0, 'user_id:b': 1, 'user_id:c': 2 }, sown);
      driver.logs.refuseAfter(room);
      await driver.poll().catch(() => undefined);
      driver.logs.refuseAfter(Infinity);
      await driver.crash({ disk: 'lost' });
      const isKnown = knownBounds().includes(2);
      const facts = factsOf(
        await driver.feed(
          TOPICS.events,
          people.map((one, n) => event(3 + n, one)),
        ),
      );
      const first = people.map((person) => facts.find(([who]) => who === person));
      if (isKnown) expect(first).toEqual(people.map((who, n) => [who, `m${3 + n}`, `m${n}`]));
      await driver.poll();
      await driver.advance(2_000);
      expect(
        knownBounds(driver.outputs(TOPICS.aggregates).filter(({ key }) => key.startsWith('w/'))).at(-1),
      ).toBe(2);
    },
  );
});
