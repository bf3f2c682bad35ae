import { describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS, type FragmentMessage } from '@tributary/contracts';
import { live, lives, ProcessorDriver, type Fed } from '@tributary/drivers';
import { profileIdOf, toInstant, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { wantedByQuery } from '../../test/wanted.fixture.js';
import { FRAGMENTS } from './fragments.module.js';
import type { FragmentsState } from './aggregates-life.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_HOLD_MS: 2_000,
  PROFILE_BUILDER_SEEN_MS: 1_000,
};
/** In force from the start: what activation does to a life is in `activation.spec.ts`. */
const definitions = new Map([['w/pros', wantedByQuery('identify().count() >= 2')]]);
const START = 1_700_000_000_000;
const ids = ['user_id:u', 'anonymous_id:a', 'email:e'] as Identifier[];

/** Events of few people with few messageIds, so that duplicates are among them; and some of them are forgotten. */
const event = fc.record({
  identifiers: fc.shuffledSubarray(ids, { minLength: 1 }),
  messageId: fc.constantFrom('m1', 'm2', 'm3'),
  plan: fc.constantFrom('free', 'pro'),
  at: fc.integer({ min: START - 1_000, max: START }),
});
const erasure = fc.record({
  erased: fc.constantFrom(...ids),
  until: fc.integer({ min: START - 1_000, max: START }),
});
const events = fc.array(fc.oneof({ weight: 4, arbitrary: event }, { weight: 1, arbitrary: erasure }), {
  maxLength: 10,
});

/** What identity says of them, each version once. */
const assignments = fc.array(
  fc.record({ identifier: fc.constantFrom(...ids), profileId: fc.constantFrom('p', 'q') }),
  { maxLength: 5 },
);

type ArbitraryOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Of<A> = A extends fc.Arbitrary<(infer T)[]> ? T : never;

function toRecord(one: Of<typeof events>): Fed {
  if (!('erased' in one)) return toEvent(one);
  const until = toInstant(one.until);
  const erasing = { workspaceId: 'w', identifier: one.erased, until, requestId: 'r' };
  const headers = { schema: 'erasure@1', until };
  return { key: `w/${one.erased}`, value: JSON.stringify(erasing), headers };
}

function toEvent({ identifiers, messageId, plan, at }: ArbitraryOf<typeof event>): Fed {
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
    // Where an activation may be depends on what was lost; which there are does not.
    states: new Map(
      [...driver.state.all()].map(({ key, state }) => [key, 'active' in state ? state.active : state]),
    ),
    facts: facts
      .filter(counts)
      .map(({ profileId, identifier, fact, value }) => [profileId, identifier, fact, value])
      .sort(),
    dead: driver.outputs(TOPICS.deadLetters),
  };
}

/** What is left to be folded: no event that an erasure of its identifier is behind, or covers. */
function left(those: readonly Of<typeof events>[]): readonly Of<typeof events>[] {
  return those.filter((one, place) => {
    if ('erased' in one) return false;
    const primary = one.identifiers[0];
    return !those.some(
      (other, at) => 'erased' in other && other.erased === primary && (at > place || other.until >= one.at),
    );
  });
}

/** Offsets are others where there are fewer events. */
const seenIn = (facts: ReturnType<typeof end>['facts']) =>
  facts.filter(([, , fact]) => !String(fact).startsWith('aggregate/'));
const shown = (driver: ProcessorDriver<FragmentsState>) =>
  end(driver).facts.filter(
    ([, , fact, value]) => fact !== '@attached' || (value as { attached: boolean }).attached,
  );

describe('the fragments of one log of events and one of assignments', () => {
  it('are those of the events that are not forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (those) => {
        const of = () => ProcessorDriver.declared(FRAGMENTS, { config, definitions: { all: definitions } });
        const [whole, rest] = [await of(), await of()];
        whole.logs.write(TOPICS.events, those.map(toRecord));
        rest.logs.write(TOPICS.events, left(those).map(toRecord));
        for (const driver of [whole, rest]) {
          await driver.poll();
          await driver.advance(10_000);
        }
        expect(seenIn(shown(whole))).toEqual(seenIn(shown(rest)));
        await whole.close();
        await rest.close();
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('are the same, and published last as the same, however they are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        assignments,
        lives,
        fc.constantFrom(0, 30_000),
        async (those, said, life, changelogEveryMs) => {
          const [lived, once] = [
            await ProcessorDriver.declared(FRAGMENTS, {
              ...{ config, definitions: { all: definitions }, checkpointEveryMs: 0, changelogEveryMs },
            }),
            await ProcessorDriver.declared(FRAGMENTS, { config, definitions: { all: definitions } }),
          ];
          for (const { logs } of [lived, once]) {
            logs.write(TOPICS.events, those.map(toRecord));
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
      { numRuns: propertyRuns(30), endOnFailure: true },
    );
  });
});
