import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FoldedAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type FragmentMessage } from '@tributary/contracts';
import { ProcessorDriver, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { profileIdOf, toInstant } from '@tributary/kernel';
import { wantedByQuery } from '../../test/wanted.fixture.js';
import type { WantedAggregates } from './aggregates-in-force.js';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './aggregates-life.js';

const HOLD_MS = 2_000;
let driver: ProcessorDriver<FragmentsState>;
let definitions: Map<string, WantedAggregates>;

async function start(everyMs = 0): Promise<void> {
  const config = {
    PROFILE_BUILDER_CACHE_BYTES: 100,
    PROFILE_BUILDER_HOLD_MS: HOLD_MS,
    PROFILE_BUILDER_SEEN_MS: everyMs,
  };
  definitions = new Map();
  driver = await ProcessorDriver.declared(FRAGMENTS, { config, definitions: { all: definitions } });
}

beforeEach(() => start());
afterEach(() => driver.close());

function event(
  messageId: string,
  identifiers: readonly string[],
  more: { readonly deduplicationId?: string } = {},
): Fed {
  const receivedAt = toInstant(driver.clock.now());
  const value = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId, identifiers };
  return {
    key: `w/${identifiers[0] ?? ''}`,
    value: JSON.stringify({ ...value, ...more, context: {}, timestamp: receivedAt, receivedAt }),
    headers: { schema: 'event@1', messageId, receivedAt, identifiers: JSON.stringify(identifiers), ...more },
  };
}

/** Puts an audience in force; answers with the name of its first aggregate. */
function define(key: string, query: string): string {
  const wanted = wantedByQuery(query);
  definitions.set(`w/${key}`, wanted);
  return wanted.wanted[0]?.aggregate.hash ?? '';
}

const feed = (...events: readonly Fed[]) => driver.feed(TOPICS.events, events);
const published = (outputs: readonly LogRecord[]) =>
  outputs.map(({ key }) => key.split('·').slice(1).join(' '));

describe('a processor whose states came from the changelog, and whose tables know nothing of it', () => {
  it('publishes what was held, and knows the duplicates of what its tables have not seen', async () => {
    const held = event('m1', ['user_id:u', 'anonymous_id:a']);
    expect(published(await feed(held))).toEqual([]);
    await driver.restart();

    driver.clock.sleep(HOLD_MS);
    expect(published(await driver.crash({ disk: 'lost' }))).toEqual(['user_id:u @']);
    const asked = driver.logs.ranges.filter(({ topic }) => topic === TOPICS.events.name);
    expect(asked.map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
    expect(published(await feed(held))).toEqual([]);
  });
});

describe('an identifier that is read', () => {
  const assigned = (profileId: string, version: number): Fed => ({
    key: 'w/user_id:u',
    value: JSON.stringify({
      ...{ workspaceId: 'w', identifier: 'user_id:u', profileId, version, reason: 'linked', formerly: [] },
      ...{ resolvedThrough: { partition: 0, offset: 9 }, at: '2026-01-02T03:04:05.678Z' },
    }),
    headers: { schema: 'assignment@1' },
  });

  it('belongs to the profile where its facts are: its own, then the one that it is assigned to', async () => {
    expect(driver.read('w/user_id:u')).toBeUndefined();
    await feed(event('m1', ['user_id:u']));
    expect(driver.read('w/user_id:u')).toBe(profileIdOf('w', 'user_id:u'));
    await driver.feed(TOPICS.assignments, [assigned('there', 1)]);
    expect(driver.read('w/user_id:u')).toBe('there');
    await driver.restart();
    expect(driver.read('w/user_id:u')).toBe('there');
  });

  const unassigned: Fed = { key: 'w/user_id:u', value: null, headers: { schema: 'assignment@1' } };
  const erasure = (): Fed => {
    const until = toInstant(driver.clock.now());
    const value = { workspaceId: 'w', identifier: 'user_id:u', until, requestId: 'r' };
    return { key: 'w/user_id:u', value: JSON.stringify(value), headers: { schema: 'erasure@1', until } };
  };

  it('is nobody’s, and kept nowhere, when identity forgot it after it was erased', async () => {
    await feed(event('m1', ['user_id:u']));
    await driver.feed(TOPICS.assignments, [assigned('there', 1)]);
    await feed(erasure());
    await driver.feed(TOPICS.assignments, [unassigned]);
    expect(driver.read('w/user_id:u')).toBeUndefined();
    expect([...driver.state.all()].map(({ key }) => key)).not.toContain('w/user_id:u');
  });

  it('moves to a profile of its own with what came before identity forgot it, and follows identity from there', async () => {
    await driver.feed(TOPICS.assignments, [assigned('there', 1)]);
    await feed(erasure());
    await driver.clock.advance(1);
    await feed(event('m2', ['user_id:u']));
    expect(driver.read('w/user_id:u')).toBe('there');
    const moved = published(await driver.feed(TOPICS.assignments, [unassigned]));
    expect(driver.read('w/user_id:u')).toBe(profileIdOf('w', 'user_id:u'));
    expect(moved.length).toBeGreaterThan(0);
    await driver.feed(TOPICS.assignments, [assigned('elsewhere', 3)]);
    expect(driver.read('w/user_id:u')).toBe('elsewhere');
  });
});

describe('a duplicate', () => {
  it('is dropped within a day of the first in the log, counts after it, and a replay is none', async () => {
    const first = event('m1', ['user_id:u']);
    expect(published(await feed(first))).toEqual(['user_id:u @']);
    expect(published(await feed(first))).toEqual([]);
    expect(published(await feed(event('m1', ['user_id:other'])))).toEqual(['user_id:other @']);
    driver.clock.sleep(86_400_001);
    expect(published(await feed(event('m1', ['user_id:u'])))).toEqual(['user_id:u @']);
  });

  it('is what has the same deduplicationId, whatever its messageId', async () => {
    const order = async (messageId: string, deduplicationId: string) =>
      published(await feed(event(messageId, ['user_id:u'], { deduplicationId })));
    expect(await order('browser', 'o-1')).toEqual(['user_id:u @']);
    expect(await order('server', 'o-1')).toEqual([]);
    expect(await order('server', 'o-2')).toEqual(['user_id:u @']);
    driver.replay(TOPICS.events);
    expect(published(await driver.poll(1))).toEqual([]);
  });

  it('counts once in an audience with those of other identifiers: its occurrence has the deduplicationId', async () => {
    const hash = define('regulars', "event('E').count() >= 2");
    await driver.redefined();
    const order = async (messageId: string, id: string) => {
      const outputs = await feed(event(messageId, [id], { deduplicationId: 'o-1' }));
      return outputs
        .filter(({ key }) => key.includes('aggregate/'))
        .map((record) => (messageOf(record) as FragmentMessage).facts[`aggregate/${hash}`]?.value)
        .map((state) => (state as FoldedAggregate).live.entries);
    };
    const now = driver.clock.now();
    expect(await order('browser', 'anonymous_id:a')).toEqual([[[now, 'o-1', now, 0]]]);
    expect(await order('server', 'user_id:u')).toEqual([[[now, 'o-1', now, 0]]]);
  });
});

describe('an identifier that is seen often', () => {
  const view = (n: number) => event(`m${n}`, ['user_id:u']);
  const counts = (outputs: readonly LogRecord[]) =>
    outputs
      .filter(({ key }) => key.endsWith('·@'))
      .map((record) => (messageOf(record) as FragmentMessage).facts['@seen']?.value as { count: number })
      .map(({ count }) => count);

  beforeEach(async () => {
    await driver.close();
    await start(1_000);
  });

  it('is published at once, and then as it is once a second', async () => {
    expect(counts(await feed(view(1)))).toEqual([1]);
    expect(counts(await feed(view(2)))).toEqual([2]);
    for (const n of [3, 4, 5]) expect(counts(await feed(view(n)))).toEqual([]);
    expect(counts(await driver.advance(1_100))).toEqual([5]);
    expect(counts(await driver.advance(60_000))).toEqual([]);
  });

  it('waits, while a trait, for which somebody may wait, goes at once', async () => {
    await feed(view(1), view(2));
    await feed(view(3));
    const { value, ...same } = view(4);
    const identify = {
      ...same,
      value: String(value).replace('"track"', '"identify","traits":{"plan":"pro"}'),
    };
    expect(published(await feed(identify))).toEqual(['user_id:u traits']);
    expect(counts(await driver.advance(1_100))).toEqual([4]);
  });

  it('is published as it was at the checkpoint after a restart, and after a crash with an empty disk', async () => {
    await feed(view(1), view(2));
    await feed(view(3));
    await feed(view(4));
    expect(counts(await driver.restart())).toEqual([4]);
    await feed(view(5));
    await feed(view(6));
    await driver.restart();
    await feed(view(7));
    expect(
      counts([
        ...(await driver.crash({ disk: 'lost' })),
        ...(await driver.poll()),
        ...(await driver.advance(1_100)),
      ]).at(-1),
    ).toBe(7);
  });
});
