import { describe, expect, it } from '@jest/globals';
import { identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { foldEvent, newFragment, type FoldableEvent } from './fragment.js';
import {
  assign,
  publish,
  type PlacedAssignment,
  type PlacedFragment,
  type PublishedGroup,
} from './placement.js';
import { applyFact, foldProfile, saidOfFacts, type ProfileFragments } from './profile.js';

const ME = identifier('anonymous_id', 'me');
const OWN = 'own';

const events = fc.array(
  fc.record({
    type: fc.constantFrom('identify', 'track'),
    messageId: fc.string({ minLength: 1, maxLength: 3 }),
    sourceId: fc.constant('s'),
    timestamp: fc.integer({ min: 0, max: 3 }),
    receivedAt: fc.integer({ min: 0, max: 3 }),
    sequence: fc.integer({ min: 0, max: 2 }),
    traits: fc.dictionary(fc.constantFrom('plan'), fc.option(fc.string(), { nil: null })),
    identifiers: fc.constant([ME]),
  }) satisfies fc.Arbitrary<FoldableEvent>,
  { minLength: 1, maxLength: 6 },
);

/** What identity says, one after the other; it may say the same profile again, and come back to one. */
const assignments = fc.array(fc.constantFrom(OWN, 'p', 'q'), { maxLength: 6 }).map((profiles) =>
  profiles.map((profileId, version): PlacedAssignment => ({
    profileId,
    version,
    formerly: [...new Set([OWN, ...profiles.slice(0, version + 1)])],
    resolvedThrough: -1,
  })),
);

/** Which log is read next, and whether what follows is published before the next record, as at the end of a batch. */
const steps = fc.array(fc.record({ isEvent: fc.boolean(), endsBatch: fc.boolean() }), { maxLength: 14 });
type Steps = readonly { readonly isEvent: boolean; readonly endsBatch: boolean }[];

interface Logs {
  readonly events: readonly FoldableEvent[];
  readonly assignments: readonly PlacedAssignment[];
}

interface Checkpoint {
  readonly placed: PlacedFragment;
  readonly events: number;
  readonly assignments: number;
}

const beginning: Checkpoint = {
  placed: { fragment: newFragment(), offset: -1, unpublished: [] },
  events: 0,
  assignments: 0,
};

/** Goes on from a checkpoint for so many steps; `published` takes what is published, in the order of the log. */
function run(logs: Logs, from: Checkpoint, schedule: Steps, published: PublishedGroup[]): Checkpoint {
  const placed = structuredClone(from.placed);
  let { events: e, assignments: a } = from;
  for (const { isEvent, endsBatch } of schedule) {
    const event = logs.events[e];
    const assignment = logs.assignments[a];
    if (event && (isEvent || !assignment)) {
      placed.unpublished = [...new Set([...placed.unpublished, ...foldEvent(placed.fragment, event)])];
      placed.offset = e;
      e += 1;
    } else if (assignment) {
      assign(() => OWN, placed, assignment);
      a += 1;
    }
    if (endsBatch) published.push(...publish(ME, () => OWN, placed, 0).flat());
  }
  if (e + a > 0) published.push(...publish(ME, () => OWN, placed, 0).flat());
  return { placed, events: e, assignments: a };
}

const toTheEnd: Steps = Array.from({ length: 14 }, () => ({ isEvent: true, endsBatch: false }));

function folded(published: readonly PublishedGroup[]) {
  const profiles = new Map<string, ProfileFragments>();
  for (const { profileId, identifier: id, group, facts } of published) {
    const fragments = profiles.get(profileId) ?? {};
    profiles.set(profileId, fragments);
    for (const [fact, said] of saidOfFacts(fragments, id, group, facts ?? undefined))
      applyFact(fragments, id, fact, said);
  }
  const live = [...profiles].map(([id, fragments]) => [id, foldProfile(fragments)] as const);
  return Object.fromEntries(live.filter(([, profile]) => profile !== undefined));
}

describe('a processor that is killed and goes on from its checkpoint', () => {
  it('comes to the same profiles, however its inputs interleave the second time', () => {
    fc.assert(
      fc.property(events, assignments, steps, steps, steps, (log, said, before, lost, after) => {
        const logs = { events: log, assignments: said };
        const published: PublishedGroup[] = [];
        const checkpoint = run(logs, beginning, before, published);
        run(logs, checkpoint, lost, published);
        const caughtUp = run(logs, checkpoint, after, published);
        run(logs, caughtUp, toTheEnd, published);

        const never: PublishedGroup[] = [];
        run(logs, beginning, toTheEnd, never);
        expect(folded(published)).toEqual(folded(never));
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});
