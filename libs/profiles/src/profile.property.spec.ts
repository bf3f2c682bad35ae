import { describe, expect, it } from '@jest/globals';
import { identifier, type Identifier } from '@tributary/kernel';
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

const ids = ['a', 'b', 'c'].map((value) => identifier('anonymous_id', value));
const event = (me: Identifier): fc.Arbitrary<FoldableEvent> =>
  fc.record({
    type: fc.constantFrom('identify', 'track'),
    messageId: fc.string({ minLength: 1, maxLength: 3 }),
    sourceId: fc.constant('s'),
    timestamp: fc.integer({ min: 0, max: 3 }),
    receivedAt: fc.integer({ min: 0, max: 3 }),
    sequence: fc.integer({ min: 0, max: 2 }),
    traits: fc.dictionary(fc.constantFrom('plan', 'constructor'), fc.option(fc.string(), { nil: null })),
    identifiers: fc.subarray(ids).map((others) => [me, ...others.filter((id) => id !== me)]),
  });

const newPlaced = (): PlacedFragment => ({ fragment: newFragment(), offset: -1, unpublished: [] });

/** What one identifier publishes, event by event, moving from profile to profile on the way. */
function scenario(
  me: Identifier,
  events: readonly FoldableEvent[],
  moves: readonly (string | null)[],
): readonly PublishedGroup[] {
  const placed = newPlaced();
  const published: PublishedGroup[] = [];
  const formerly = [`own-${me}`];
  for (const [offset, e] of events.entries()) {
    const move = moves[offset];
    if (move) {
      if (!formerly.includes(move)) formerly.push(move);
      const assignment: PlacedAssignment = {
        profileId: move,
        version: offset,
        formerly: [...formerly],
        resolvedThrough: offset,
      };
      assign(() => `own-${me}`, placed, assignment);
    }
    placed.unpublished = [...new Set([...placed.unpublished, ...foldEvent(placed.fragment, e)])];
    placed.offset = offset;
    published.push(...publish(me, () => `own-${me}`, placed, 0).flat());
  }
  return published;
}

/** Facts of one key keep their order, as in a log; all else may come in any order. */
function apply(published: readonly PublishedGroup[]): ReadonlyMap<string, ProfileFragments> {
  const profiles = new Map<string, ProfileFragments>();
  for (const { profileId, identifier: id, group, facts } of published) {
    const fragments = profiles.get(profileId) ?? {};
    profiles.set(profileId, fragments);
    for (const [fact, said] of saidOfFacts(fragments, id, group, facts ?? undefined))
      applyFact(fragments, id, fact, said);
  }
  return profiles;
}

const scenarios = fc.tuple(
  ...ids.map((me) =>
    fc.record({
      me: fc.constant(me),
      events: fc.array(event(me), { minLength: 1, maxLength: 6 }),
      moves: fc.array(fc.option(fc.constantFrom('p', 'q')), { maxLength: 6 }),
    }),
  ),
);

describe('fragments published to profiles', () => {
  it('leave every event counted in one profile, wherever the identifiers moved', () => {
    fc.assert(
      fc.property(scenarios, (all) => {
        const profiles = apply(all.flatMap(({ me, events, moves }) => scenario(me, events, moves)));
        const counted = [...profiles.values()].reduce(
          (sum, fragments) => sum + (foldProfile(fragments)?.eventCount ?? 0),
          0,
        );
        expect(counted).toBe(all.reduce((sum, { events }) => sum + events.length, 0));
      }),
    );
  });

  it('make the same profiles however the scenarios of several identifiers are interleaved', () => {
    fc.assert(
      fc.property(scenarios, fc.infiniteStream(fc.nat()), (all, choices) => {
        const queues = all.map(({ me, events, moves }) => [...scenario(me, events, moves)]);
        const inTurn = queues.flat();
        const shuffled: PublishedGroup[] = [];
        while (queues.some((queue) => queue.length > 0)) {
          const waiting = queues.filter((queue) => queue.length > 0);
          const next = waiting[(choices.next().value as number) % waiting.length]?.shift();
          if (next) shuffled.push(next);
        }
        const folded = (published: readonly PublishedGroup[]) =>
          Object.fromEntries([...apply(published)].map(([id, fragments]) => [id, foldProfile(fragments)]));
        expect(folded(shuffled)).toEqual(folded(inTurn));
      }),
    );
  });

  it('make the same profiles when a stretch of what was published is published again', () => {
    fc.assert(
      fc.property(scenarios, fc.nat(), fc.nat(), (all, from, length) => {
        const published = all.flatMap(({ me, events, moves }) => scenario(me, events, moves));
        const start = from % published.length;
        const again = [...published.slice(0, start + (length % 20)), ...published.slice(start)];
        const folded = (facts: readonly PublishedGroup[]) =>
          Object.fromEntries([...apply(facts)].map(([id, fragments]) => [id, foldProfile(fragments)]));
        expect(folded(again)).toEqual(folded(published));
      }),
    );
  });
});

/** One identifier's two logs, and how far each is folded. */
interface Reading {
  readonly placed: PlacedFragment;
  readonly events: number;
  readonly assignments: number;
}

/** Goes on from there, taking the next record from one log or the other: what it publishes in each step, and where it is before it. */
function readOn(
  from: Reading,
  logs: { readonly events: readonly FoldableEvent[]; readonly assignments: readonly PlacedAssignment[] },
  turns: readonly boolean[],
): readonly { readonly from: Reading; readonly published: readonly PublishedGroup[] }[] {
  const placed = structuredClone(from.placed);
  let { events, assignments } = from;
  const steps: { from: Reading; published: readonly PublishedGroup[] }[] = [];
  const isOver = () => events === logs.events.length && assignments === logs.assignments.length;
  for (let turn = 0; !isOver(); turn += 1) {
    const before = { placed: structuredClone(placed), events, assignments };
    const next = logs.events[events];
    if (next && (turns[turn] === true || assignments === logs.assignments.length)) {
      placed.unpublished = [...new Set([...placed.unpublished, ...foldEvent(placed.fragment, next)])];
      placed.offset = events;
      events += 1;
    } else {
      const assignment = logs.assignments[assignments];
      if (assignment) assign(() => 'own', placed, assignment);
      assignments += 1;
    }
    steps.push({ from: before, published: publish(me, () => 'own', placed, 0).flat() });
  }
  return steps;
}

const [me = identifier('a', 'a')] = ids;
const logsOfOne = fc.record({
  events: fc.array(event(me), { minLength: 1, maxLength: 6 }),
  assignments: fc.array(fc.constantFrom('own', 'p', 'q'), { maxLength: 5 }).map((moves) =>
    moves.map((profileId, version) => ({
      profileId,
      version,
      formerly: [...new Set(['own', ...moves.slice(0, version + 1)])],
      resolvedThrough: 0,
    })),
  ),
});

describe('a restart that meets the two logs in another order than before', () => {
  it('leaves every event counted, whatever the first run had published', () => {
    const turns = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(logsOfOne, turns, turns, fc.nat(), fc.nat(), (logs, first, second, crash, back) => {
        const start: Reading = { placed: newPlaced(), events: 0, assignments: 0 };
        const before = readOn(start, logs, first).slice(0, 1 + (crash % 12));
        const checkpoint = before.at(-1 - (back % before.length))?.from ?? start;
        const after = readOn(checkpoint, logs, second);
        const profiles = apply([...before, ...after].flatMap(({ published }) => published));
        const counts = [...profiles.values()].map((fragments) => foldProfile(fragments)?.eventCount ?? 0);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(logs.events.length);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});

describe('a fragment', () => {
  it('is the same in every order of its events; ties between traits, removed ones too, go by receipt and messageId', () => {
    const distinct = fc.uniqueArray(event(me), {
      minLength: 1,
      maxLength: 8,
      selector: ({ messageId }) => messageId,
    });
    const inAnyOrder = distinct.chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(inAnyOrder, ([events, shuffled]) => {
        const fold = (all: readonly FoldableEvent[]) => {
          const fragment = newFragment();
          for (const e of all) foldEvent(fragment, e);
          return fragment;
        };
        expect(fold(shuffled)).toEqual(fold(events));
      }),
    );
  });
});

describe('a trait', () => {
  it('may carry the name of what every object has', () => {
    const [me = identifier('a', 'a')] = ids;
    const published = scenario(
      me,
      [
        {
          type: 'identify',
          messageId: 'm',
          sourceId: 's',
          timestamp: 1,
          receivedAt: 1,
          sequence: 0,
          traits: { constructor: 'Kepler', valueOf: 2 },
          identifiers: [me],
        },
      ],
      [],
    );
    const traits = foldProfile(apply(published).get(`own-${me}`) ?? {})?.traits ?? {};
    expect(Object.entries(traits).map(([name, { value }]) => [name, value])).toEqual([
      ['constructor', 'Kepler'],
      ['valueOf', 2],
    ]);
  });
});

describe('publish', () => {
  it('says nothing while an answer is awaited, and everything once it has come or the deadline has passed', () => {
    const [me = identifier('a', 'a')] = ids;
    const held = (): PlacedFragment => {
      const placed = newPlaced();
      const seen: FoldableEvent = {
        type: 'track',
        messageId: 'm',
        sourceId: 's',
        timestamp: 1,
        receivedAt: 1,
        sequence: 0,
        identifiers: [me],
      };
      placed.unpublished = [...foldEvent(placed.fragment, seen)];
      placed.offset = 7;
      placed.hold = { through: 7, deadline: 2_000 };
      return placed;
    };
    expect(publish(me, () => 'own', held(), 1_999)).toEqual([[], []]);
    expect(publish(me, () => 'own', held(), 2_000)[0]).toMatchObject([
      { profileId: 'own', group: '@', facts: { '@seen': { version: [-1, 7] }, '@attached': {} } },
    ]);
    const answered = held();
    assign(() => 'own', answered, { profileId: 'p', version: 3, formerly: ['own', 'p'], resolvedThrough: 7 });
    const [arrive, leave] = publish(me, () => 'own', answered, 0);
    expect(arrive.every(({ profileId }) => profileId === 'p')).toBe(true);
    expect(leave).toEqual([
      {
        profileId: 'own',
        identifier: me,
        group: '@',
        facts: { '@attached': { version: [3, -1], value: { attached: false, movedTo: 'p' } } },
      },
    ]);
  });
});
