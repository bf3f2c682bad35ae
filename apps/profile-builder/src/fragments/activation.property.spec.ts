import { describe, expect, it } from '@jest/globals';
import type { FoldedAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type ActiveAggregateMessage, type FragmentMessage } from '@tributary/contracts';
import { ProcessorDriver, RefusedError, type Fed } from '@tributary/drivers';
import { toInstant } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { wantedByQuery } from '../../test/wanted.fixture.js';
import type { WantedAggregates } from './aggregates-in-force.js';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './fragments.processor.js';

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
  readonly does: 'poll' | 'define' | 'restart' | 'crash' | 'lose the disk';
  /** How many records are read, or how often somebody has to have done it. */
  readonly n: number;
  /** After so many records more the broker goes away, and the processor crashes of it. */
  readonly room: number | undefined;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom<Step['does'][]>(
      'poll',
      'poll',
      'define',
      'define',
      'restart',
      'crash',
      'lose the disk',
    ),
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

async function does(
  { does: what, n, room }: Step,
  driver: Driver,
  definitions: Map<string, WantedAggregates>,
) {
  if (room !== undefined) driver.logs.refuseAfter(room);
  try {
    if (what === 'poll') await driver.poll(n);
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

describe('an aggregate that is activated, and grows, in a life with crashes', () => {
  it('is folded from its activation offset on, which is one for all lives, and from nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(events, steps, fc.constantFrom(0, 30_000), async (those, life, changelogEveryMs) => {
        const definitions = new Map<string, WantedAggregates>();
        const driver = await ProcessorDriver.declared(FRAGMENTS, {
          ...{ config, definitions: { all: definitions }, checkpointEveryMs: 0, changelogEveryMs },
        });
        driver.logs.write(TOPICS.events, those.map(toEvent));
        for (const step of life) await does(step, driver, definitions);
        await driver.poll();
        await driver.advance(10_000);

        const activations = activationsOf(driver);
        const byGeneration = new Map(activations.map((one) => [one.generation, one]));
        for (const one of activations) expect(byGeneration.get(one.generation)).toEqual(one);
        for (const { identifier, offset, state } of factsOf(driver)) {
          const { offset: from, since, bound } = byGeneration.get(state.generation)!;
          const live = idsIn(those, identifier, from, offset);
          expect(idsOf(state.live)).toEqual(live.slice(0, bound));
          // What the former generations knew, the latest of it at least.
          const before = idsIn(those, identifier, since, from - 1);
          expect(before.slice(0, idsOf(state.base?.part).length)).toEqual(idsOf(state.base?.part));
        }
        const isDefined = definitions.size > 0;
        expect(activations.length > 0).toBe(isDefined);
        const last = activations.at(-1);
        for (const person of last ? people : []) {
          const seen = idsIn(those, person, last!.since, those.length);
          expect(factsOf(driver).some(({ identifier }) => identifier === person)).toBe(seen.length > 0);
        }
        await driver.close();
      }),
      { numRuns: propertyRuns(40) },
    );
  });
});
