import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { knownOf, type FoldedAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type ActiveAggregateMessage, type FragmentMessage } from '@tributary/contracts';
import { ProcessorDriver, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { wantedByQuery } from '../../test/wanted.fixture.js';
import { RETIRED_AFTER_MS } from './active-aggregates.js';
import type { WantedAggregates } from './aggregates-in-force.js';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './aggregates-life.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100,
  PROFILE_BUILDER_HOLD_MS: 0,
  PROFILE_BUILDER_SEEN_MS: 1_000,
};
const buyers = wantedByQuery("event('E').count() >= 1");
const regulars = wantedByQuery("event('E').count() >= 2");
/** More than are searched in one step. */
const PEOPLE = 1_100;

let driver: ProcessorDriver<FragmentsState>;
let definitions: Map<string, WantedAggregates>;
let n = 0;

function event(person: string): Fed {
  n += 1;
  const [messageId, at, identifiers] = [`m${n}`, toInstant(driver.clock.now()), [person]];
  const value = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId, identifiers };
  return {
    key: `w/${person}`,
    value: JSON.stringify({ ...value, context: {}, timestamp: at, receivedAt: at }),
    headers: {
      ...{ schema: 'event@1', messageId, receivedAt: at },
      identifiers: JSON.stringify(identifiers),
    },
  };
}

const buy = (...people: readonly string[]) => driver.feed(TOPICS.events, people.map(event));
const define = (key: string, wanted?: WantedAggregates) => {
  if (wanted) definitions.set(key, wanted);
  else definitions.delete(key);
  return driver.redefined();
};
const aggregatesOf = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.aggregates.name)
    .map((record) => record.value && (messageOf(record) as ActiveAggregateMessage));
const factsOf = (outputs: readonly LogRecord[]) => outputs.filter(({ key }) => key.includes('·aggregate/'));
const removedOf = (outputs: readonly LogRecord[]) => factsOf(outputs).filter(({ value }) => value === null);
const idsOf = (outputs: readonly LogRecord[]) =>
  factsOf(outputs).map((record) => {
    const [fact] = Object.values((messageOf(record) as FragmentMessage).facts);
    const { part } = knownOf({ kind: 'latest' }, fact?.value as FoldedAggregate);
    return part.entries.map(([, id]) => id);
  });

beforeEach(async () => {
  definitions = new Map();
  n = 0;
  driver = await ProcessorDriver.declared(FRAGMENTS, { config, definitions: { all: definitions } });
  await define('w/buyers', buyers);
});
afterEach(() => driver.close());

describe('an aggregate that several definitions ask for', () => {
  it('goes on while one of them does', async () => {
    await define('w/regulars', regulars);
    await define('w/buyers');
    expect(aggregatesOf(await driver.advance(2 * RETIRED_AFTER_MS))).toEqual([]);
    await buy('user_id:u');
    expect(idsOf(await buy('user_id:u'))).toEqual([['m2', 'm1']]);
  });
});

describe('an aggregate that no definition asks for any more', () => {
  it('goes on for a while, in which it is as if it had always been asked for', async () => {
    await buy('user_id:u');
    await define('w/buyers');
    await driver.advance(RETIRED_AFTER_MS - 1);
    await buy('user_id:u');
    await define('w/regulars', regulars);
    expect(removedOf(await driver.advance(2 * RETIRED_AFTER_MS))).toEqual([]);
    expect(idsOf(await buy('user_id:u'))).toEqual([['m3', 'm2']]);
  });

  it('is folded no more then, and its states and facts go', async () => {
    const people = Array.from({ length: PEOPLE }, (_, i) => `user_id:${i}`);
    await buy(...people);
    await define('w/buyers');
    const outputs = await driver.advance(RETIRED_AFTER_MS);
    expect(aggregatesOf(outputs)).toEqual([null]);
    expect(new Set(removedOf(outputs).map(({ key }) => key)).size).toBe(PEOPLE);
    expect(factsOf(await buy('user_id:0'))).toEqual([]);
    const states = [...driver.state.all()].map(({ state }) => state);
    expect(
      states.filter((state) => 'fragment' in state && Object.keys(state.fragment.aggregates).length > 0),
    ).toEqual([]);
  });

  it.each(['kept', 'lost'] as const)(
    'goes from all fragments although a crash came between, its disk %s',
    async (disk) => {
      const people = Array.from({ length: PEOPLE }, (_, i) => `user_id:${i}`);
      await buy(...people);
      await define('w/buyers');
      await driver.restart();
      driver.clock.sleep(RETIRED_AFTER_MS);
      driver.logs.refuseAfter(people.length + 300);
      await driver.advance(0).catch(() => undefined);
      driver.logs.refuseAfter(Infinity);
      await driver.crash({ disk });
      await driver.advance(RETIRED_AFTER_MS);
      const removed = removedOf(driver.outputs(TOPICS.fragments));
      expect(new Set(removed.map(({ key }) => key)).size).toBe(PEOPLE);
    },
  );

  it('begins anew, as a later generation, when it is asked for again', async () => {
    await buy('user_id:u', 'user_id:u');
    await define('w/buyers');
    await driver.advance(RETIRED_AFTER_MS);
    const [active] = aggregatesOf(await define('w/regulars', regulars));
    expect(active).toMatchObject({ offset: 2, since: 2, bound: 2 });
    expect(active?.generation).toBeGreaterThanOrEqual(2);
    expect(idsOf(await buy('user_id:u'))).toEqual([['m3']]);
  });

  it('begins anew only when no fragment has its former state', async () => {
    const people = Array.from({ length: PEOPLE }, (_, i) => `user_id:${i}`);
    await buy(...people);
    await define('w/buyers');
    await driver.restart();
    driver.clock.sleep(RETIRED_AFTER_MS);
    // It ends in the second step of the search.
    driver.logs.refuseAfter(600);
    await driver.advance(0).catch(() => undefined);
    driver.logs.refuseAfter(Infinity);
    await driver.crash();
    expect(aggregatesOf(await define('w/buyers', buyers))).toEqual([]);
    expect(factsOf(await buy('user_id:0'))).toEqual([]);
    const [active] = aggregatesOf(await driver.advance(1_000)).slice(-1);
    expect(active).toMatchObject({ since: PEOPLE + 1 });
    expect(idsOf(await buy('user_id:0'))).toEqual([[`m${PEOPLE + 2}`]]);
  });
});
