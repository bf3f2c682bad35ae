import { describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS, type FragmentMessage } from '@tributary/contracts';
import { live, lives, ProcessorDriver, type Fed } from '@tributary/drivers';
import { profileIdOf, toInstant, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './fragments.processor.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_HOLD_MS: 2_000,
  PROFILE_BUILDER_SEEN_MS: 1_000,
};
const START = 1_700_000_000_000;
const ids = ['user_id:u', 'anonymous_id:a', 'email:e'] as Identifier[];

/** Events of few people with few messageIds, so that duplicates are among them. */
const events = fc.array(
  fc.record({
    identifiers: fc.shuffledSubarray(ids, { minLength: 1 }),
    messageId: fc.constantFrom('m1', 'm2', 'm3'),
    plan: fc.constantFrom('free', 'pro'),
    at: fc.integer({ min: START - 1_000, max: START }),
  }),
  { maxLength: 8 },
);

/** What identity says of them, each version once. */
const assignments = fc.array(
  fc.record({ identifier: fc.constantFrom(...ids), profileId: fc.constantFrom('p', 'q') }),
  { maxLength: 5 },
);

type Of<A> = A extends fc.Arbitrary<(infer T)[]> ? T : never;

function toEvent({ identifiers, messageId, plan, at }: Of<typeof events>): Fed {
  const receivedAt = toInstant(at);
  const event = {
    workspaceId: 'w',
    sourceId: 's',
    type: 'identify',
    messageId,
    identifiers,
    traits: { plan },
  };
  return {
    key: `w/${identifiers[0] ?? ''}`,
    value: JSON.stringify({ ...event, context: {}, timestamp: receivedAt, receivedAt }),
    headers: { schema: 'event@1', messageId, receivedAt, identifiers: JSON.stringify(identifiers) },
  };
}

function toAssignment({ identifier, profileId }: Of<typeof assignments>, version: number): Fed {
  const formerly = [profileIdOf('w', identifier), 'p', 'q'];
  const assignment = {
    ...{ workspaceId: 'w', identifier, profileId, version, reason: 'linked', formerly },
    ...{ resolvedThrough: { partition: 0, offset: version }, at: toInstant(START) },
  };
  return { key: `w/${identifier}`, value: JSON.stringify(assignment), headers: { schema: 'assignment@1' } };
}

/**
 * The states at the end, and what the last record of each fact that counts says. In which profile a fact was on its way, and as
 * of which offset it was published, depends on where a batch ends: versions do not count, nor do facts that are removed or of
 * an identifier that is not attached.
 */
function end(driver: ProcessorDriver<FragmentsState>) {
  const last = new Map(driver.outputs(TOPICS.fragments).map((record) => [record.key, record]));
  const messages = [...last.values()].flatMap((record) =>
    record.value ? (messageOf(record) as FragmentMessage) : [],
  );
  const facts = messages.flatMap(({ profileId, identifier, facts: said }) =>
    Object.entries(said).map(([fact, { value }]) => ({ profileId, identifier, fact, value })),
  );
  const ofFact = new Map(facts.map((one) => [`${one.profileId} ${one.identifier} ${one.fact}`, one.value]));
  const counts = ({ profileId, identifier, fact }: (typeof facts)[number]) =>
    fact === '@attached' ||
    (ofFact.get(`${profileId} ${identifier} @attached`) as { readonly attached: boolean }).attached;
  return {
    states: new Map([...driver.state.all()].map(({ key, state }) => [key, state])),
    facts: facts
      .filter(counts)
      .map(({ profileId, identifier, fact, value }) => [profileId, identifier, fact, value])
      .sort(),
    dead: driver.outputs(TOPICS.deadLetters),
  };
}

describe('the fragments of one log of events and one of assignments', () => {
  it('are the same, and published last as the same, however they are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        assignments,
        lives,
        fc.constantFrom(0, 30_000),
        async (those, said, life, changelogEveryMs) => {
          const [lived, once] = [
            await ProcessorDriver.declared(FRAGMENTS, { config, checkpointEveryMs: 0, changelogEveryMs }),
            await ProcessorDriver.declared(FRAGMENTS, { config }),
          ];
          for (const { logs } of [lived, once]) {
            logs.write(TOPICS.events, those.map(toEvent));
            logs.write(TOPICS.assignments, said.map(toAssignment));
          }
          await live(lived, life);
          await once.poll();
          for (const driver of [lived, once]) await driver.advance(10_000);
          expect(end(lived)).toEqual(end(once));
          expect(end(once).dead).toEqual([]);
          await lived.close();
          await once.close();
        },
      ),
      { numRuns: propertyRuns(30) },
    );
  });
});
