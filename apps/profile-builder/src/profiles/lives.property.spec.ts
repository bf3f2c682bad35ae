import { describe, expect, it } from '@jest/globals';
import { fragmentKey, TOPICS } from '@tributary/contracts';
import { live, lives, ProcessorDriver } from '@tributary/drivers';
import { groupOfFact } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { PROFILES } from './profiles.module.js';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import type { TraitInForce } from '../traits/traits-in-force.js';
import type { ProfilesState } from './profiles.processor.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_GATHER_MS: 200,
  PROFILE_BUILDER_PUBLISH_MS: 1_000,
};

/** Facts of two identifiers for two profiles, in any order of their versions, as of owners that woke too late. */
const facts = fc.array(
  fc.record({
    profileId: fc.constantFrom('p', 'q'),
    identifier: fc.constantFrom('user_id:u', 'anonymous_id:a'),
    fact: fc.constantFrom('@attached', '@seen', 'aggregate/1a'),
    version: fc.tuple(fc.nat(2), fc.nat(5)),
  }),
  { maxLength: 12 },
);

/** A version says one thing alone. An attachment is as of an assignment, not of an event. */
function saidOf(fact: string, [major, minor]: readonly [number, number]) {
  if (fact === '@seen')
    return { version: [major, minor], value: { first: 1, last: 1 + minor, count: minor } };
  if (fact !== '@attached') return { version: [major, minor], value: [[minor, `m${minor}`]] };
  const value = major % 2 === 0 ? { attached: true } : { attached: false, movedTo: 'r' };
  return { version: [major - 1, -1], value };
}

type Fact = typeof facts extends fc.Arbitrary<(infer F)[]> ? F : never;

function toRecord({ profileId, identifier, fact, version }: Fact) {
  const said = { workspaceId: 'w', profileId, identifier, facts: { [fact]: saidOf(fact, version) } };
  return {
    key: fragmentKey('w', profileId, identifier, groupOfFact(fact)),
    value: JSON.stringify(said),
    headers: { schema: 'fragment@1' },
  };
}

const definitions = { all: new Map<string, TraitInForce>(), borders: new Map(), known: ALL_KNOWN };

/** The states at the end, and of each profile what its readers keep. */
function end(driver: ProcessorDriver<ProfilesState>) {
  const states = [...driver.state.all()].map(({ key, state }) => [key, state] as const);
  const last = driver.outputs(TOPICS.profiles).map(({ key, value }) => [key, String(value)] as const);
  return { states: new Map(states), last: new Map(last) };
}

describe('the profiles of one log of fragments', () => {
  it('are the same, and published last as the same, however it is read', async () => {
    await fc.assert(
      fc.asyncProperty(facts, lives, async (those, life) => {
        const [lived, once] = [
          await ProcessorDriver.declared(PROFILES, { config, definitions, checkpointEveryMs: 0 }),
          await ProcessorDriver.declared(PROFILES, { config, definitions }),
        ];
        for (const { logs } of [lived, once]) logs.write(TOPICS.fragments, those.map(toRecord));
        await live(lived, life);
        await once.poll();
        for (const driver of [lived, once]) await driver.advance(10_000);
        expect(end(lived)).toEqual(end(once));
        await lived.close();
        await once.close();
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});
