import { describe, expect, it } from '@jest/globals';
import { knownOf, type FoldedAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type ActiveAggregateMessage, type FragmentMessage } from '@tributary/contracts';
import { ProcessorDriver, RefusedError, type Fed } from '@tributary/drivers';
import { toInstant } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
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
const people = ['user_id:a', 'user_id:b'];
const AGGREGATE = wantedByQuery("event('E').count() >= 1").wanted[0]?.aggregate.hash ?? '';

/** Who does it. The n-th event has the id `m<n>` and is n seconds in. */
const events = fc.array(fc.constantFrom(...people), { minLength: 1, maxLength: 8 });

interface Step {
  readonly does: 'poll' | 'define' | 'seed' | 'restart' | 'crash' | 'lose the disk';
  /** How many records are read, or how often somebody has to have done it. */
  readonly n: number;
  /** After so many records more the broker goes away, and the processor crashes of it. */
  readonly room: number | undefined;
}

const ways = [
  'poll',
  'poll',
  'define',
  'define',
  'seed',
  'seed',
  'restart',
  'crash',
  'lose the disk',
] as const;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom<Step['does'][]>(...ways),
    n: fc.integer({ min: 1, max: 3 }),
    room: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined, freq: 2 }),
  }),
  { maxLength: 12 },
);

type Driver = ProcessorDriver<FragmentsState>;

function toEvent(person: string, n: number): Fed {
  const at = toInstant(START + n * 1_000);
  const event = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId: `m${n}` };
  const identifiers = [person];
  return {
    key: `w/${person}`,
    value: JSON.stringify({ ...event, identifiers, context: {}, timestamp: at, receivedAt: at }),
    headers: {
      ...{ schema: 'event@1', messageId: `m${n}`, receivedAt: at },
      identifiers: JSON.stringify(identifiers),
    },
  };
}

/** Writes what the events of each person before the last activation come to. */
function sow(driver: Driver, those: readonly string[]): void {
  const last = activationsOf(driver).at(-1);
  if (!last) return;
  for (const identifier of people) {
    const entries = idsIn(those, identifier, 0, last.offset - 1)
      .slice(0, last.bound)
      .map((id) => {
        const time = START + Number(id.slice(1)) * 1_000;
        return [time, id, time, 0];
      });
    const { aggregate, generation } = last;
    const seed = { workspaceId: 'w', identifier, aggregate, kind: 'latest', generation, part: { entries } };
    driver.logs.write(TOPICS.seeds, [
      { key: `w/${identifier}`, value: JSON.stringify(seed), headers: { schema: 'seed@1' } },
    ]);
  }
}

async function does(
  { does: what, n, room }: Step,
  driver: Driver,
  those: readonly string[],
  definitions: Map<string, WantedAggregates>,
) {
  if (room !== undefined) driver.logs.refuseAfter(room);
  try {
    if (what === 'seed') sow(driver, those);
    if (what === 'poll' || what === 'seed') await driver.poll(n);
    else if (what === 'restart') await driver.restart();
    else if (what === 'define') {
      definitions.set('w/often', wantedByQuery(`event('E').count() >= ${n}`));
      await driver.redefined();
    } else if (room === undefined) await driver.crash({ disk: what === 'crash' ? 'kept' : 'lost' });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  driver.logs.refuseAfter(Infinity);
  if (room !== undefined) await driver.crash({ disk: what === 'lose the disk' ? 'lost' : 'kept' });
}

const activationsOf = (driver: Driver) =>
  driver.outputs(TOPICS.aggregates).map((record) => messageOf(record) as ActiveAggregateMessage);

/** The aggregate as it was published of each person, with the offset of the event as of which it was. */
const factsOf = (driver: Driver) =>
  driver
    .outputs(TOPICS.fragments)
    .filter(({ key }) => key.includes('aggregate/'))
    .map((record) => messageOf(record) as FragmentMessage)
    .map(({ identifier, facts }) => {
      const fact = facts[`aggregate/${AGGREGATE}`];
      return { identifier, offset: fact?.version[1] ?? -1, state: fact?.value as FoldedAggregate };
    });

const idsOf = (part: FoldedAggregate['live'] | undefined) => (part?.entries ?? []).map(([, id]) => id);

/** The ids of a person's events in a range of offsets, latest first. */
const idsIn = (those: readonly string[], person: string, from: number, through: number) =>
  those
    .map((who, offset) => ({ who, offset }))
    .filter(({ who, offset }) => who === person && offset >= from && offset <= through)
    .map(({ offset }) => `m${offset}`)
    .reverse();

describe('an aggregate that is activated, grows, and is sown, in a life with crashes', () => {
  it('is folded from its activation offset on, which is one for all lives, and from nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(events, steps, fc.constantFrom(0, 30_000), async (those, life, changelogEveryMs) => {
        const definitions = new Map<string, WantedAggregates>();
        const driver = await ProcessorDriver.declared(FRAGMENTS, {
          ...{ config, definitions: { all: definitions }, checkpointEveryMs: 0, changelogEveryMs },
        });
        driver.logs.write(TOPICS.events, those.map(toEvent));
        for (const step of life) await does(step, driver, those, definitions);
        await driver.poll();
        await driver.advance(10_000);

        const activations = activationsOf(driver);
        const byGeneration = new Map(activations.map((one) => [one.generation, one]));
        for (const one of activations) expect(byGeneration.get(one.generation)).toEqual(one);
        for (const { identifier, offset, state } of factsOf(driver)) {
          const { offset: from, since, bound } = byGeneration.get(state.generation)!;
          expect(idsOf(state.live)).toEqual(idsIn(those, identifier, from, offset).slice(0, bound));
          // What the former generations knew, the latest of it at least; or all of it, by a seed.
          const isSown = (state.base?.version ?? -1) >= 0;
          const before = idsIn(those, identifier, isSown ? 0 : since, from - 1);
          const known = idsOf(state.base?.part);
          expect(known).toEqual(before.slice(0, isSown ? bound : known.length));
        }
        const isDefined = definitions.size > 0;
        expect(activations.length > 0).toBe(isDefined);
        const last = activations.at(-1);
        for (const person of last ? people : []) {
          const seen = idsIn(those, person, last!.since, those.length);
          const live = factsOf(driver).filter(({ identifier }) => identifier === person);
          expect(live.some(({ state }) => idsOf(state.live).length > 0)).toBe(seen.length > 0);
        }
        sow(driver, those);
        await driver.poll();
        await driver.advance(10_000);
        for (const person of last ? people : []) {
          const known = idsIn(those, person, 0, those.length).slice(0, last!.bound);
          const [state] = factsOf(driver)
            .filter(({ identifier }) => identifier === person)
            .slice(-1);
          expect(state && idsOf(knownOf({ kind: 'latest' }, state.state).part).slice(0, last!.bound)).toEqual(
            known.length === 0 ? undefined : known,
          );
        }
        await driver.close();
      }),
      { numRuns: propertyRuns(40) },
    );
  });
});
