import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { seedOf } from '../../test/folding.js';
import {
  eachIdOnce,
  instantsOf,
  knownOfPerson,
  peopleOf,
  type Person,
} from '../../test/aggregated-people.js';
import { naiveOccurrences, naiveTotals, naiveValues, placesOf } from '../../test/naive-aggregates.js';
import {
  AGGREGATES,
  boundsArbitrary,
  logArbitrary,
  occurringArbitrary,
} from '../../test/occurring.arbitrary.js';
import { grainOf, type Occurring } from './aggregate-kinds.js';
import { cutText } from './cut-text.js';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  maxBytesOf,
  mergeBase,
  mergeKnown,
  regenerate,
  type KnownAggregate,
} from './folded-aggregate.js';
import { readEarliest, readLatest, readTiles, readTotal, readValues } from './read-aggregate.js';
import { compileValue, MAX_BOUND, nameOf, type Aggregate } from './typed-aggregate.js';

const all = Object.entries(AGGREGATES).map(([name, of]) => ({ name, of }));
const withIds = all.filter(({ of }) => of.kind === 'latest' || of.kind === 'earliest');
const windows = fc.constantFrom(1_000, 3_000, 4_000);

const fold = (of: Aggregate, bound: number, events: readonly Occurring[]) =>
  events.reduce((state, one) => foldOccurrence(of, state, one), beginAggregate(1, bound, { isNew: true }));

function checkPeople(
  of: Aggregate,
  check: (known: KnownAggregate, events: readonly Occurring[], person: Person) => void,
) {
  const property = fc.property(peopleOf(of), (person) => {
    const known = knownOfPerson(of, person, true);
    expect(known.isWhole).toBe(true);
    check(
      known,
      person.fragments.flatMap(([log]) => log),
      person,
    );
  });
  fc.assert(property, { numRuns: propertyRuns(100) });
}

describe('an aggregate whose bound grew and whose past was sown, before, while and after it was folded', () => {
  it.each([
    ['latest', AGGREGATES.latest, readLatest],
    ['latest', AGGREGATES.counted, readLatest],
    ['earliest', AGGREGATES.earliest, readEarliest],
  ] as const)(
    'knows the %s occurrences, and whether there are others, at every instant',
    (which, of, read) => {
      checkPeople(of, (known, events, { bounds: [, bound] }) => {
        const expected = naiveOccurrences(events, which);
        const first = known.part.entries.slice(0, bound) as never[];
        expect(placesOf(first)).toEqual(placesOf(expected.slice(0, bound)));
        for (const withinMs of [undefined, 1_000, 3_000]) {
          for (const at of instantsOf(events, withinMs ?? 0)) {
            const inside = expected.filter(({ time }) => time <= at && at < time + (withinMs ?? Infinity));
            const { occurrences, isComplete } = read(known, { at, withinMs });
            if (isComplete) expect(placesOf(occurrences)).toEqual(placesOf(inside));
            else expect(placesOf(events)).toEqual(expect.arrayContaining([...placesOf(occurrences)]));
          }
        }
      });
    },
  );

  it('knows the total, to the last digit', () => {
    checkPeople(AGGREGATES.total, (known, events) => {
      expect(readTotal(AGGREGATES.total, known)).toMatchObject(naiveTotals(events));
    });
  });

  it('knows the first and last text, by their first bytes', () => {
    checkPeople(AGGREGATES.totalOfTexts, (known, events) => {
      const texts = events
        .flatMap(({ value }) => (Array.isArray(value) ? value : [value]) as unknown[])
        .filter((one) => typeof one === 'string')
        .map((text) => cutText(text, 64))
        .sort();
      const { values, min, max, sum } = readTotal(AGGREGATES.totalOfTexts, known);
      expect([values, min, max, sum]).toEqual([texts.length, texts[0], texts.at(-1), undefined]);
    });
  });

  it('knows what its tiles add up to at every instant, each event as if at the beginning of its tile', () => {
    const of = AGGREGATES.tiles;
    fc.assert(
      fc.property(peopleOf(of), windows, (person, withinMs) => {
        const [, bound] = person.bounds;
        const known = knownOfPerson(of, person, true);
        const events = person.fragments.flatMap(([log]) => log);
        const grain = grainOf(bound);
        const inTiles = events.map((event) => ({ ...event, time: Math.floor(event.time / grain) * grain }));
        for (const at of instantsOf(inTiles, withinMs)) {
          const inside = inTiles.filter(({ time }) => time <= at && at < time + withinMs);
          const read = readTiles(of, known, { at, withinMs });
          expect(read).toMatchObject({ ...naiveTotals(inside), isComplete: true });
          expect(read.grainMs).toBe(inside.length > 0 ? grain : 0);
          const { changesAt = Infinity } = read;
          for (const later of instantsOf(inTiles, withinMs)) {
            if (later <= at || later >= changesAt) continue;
            expect(inTiles.filter(({ time }) => time <= later && later < time + withinMs)).toEqual(inside);
          }
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('knows how often a value came and when, of all values or of a sample', () => {
    checkPeople(AGGREGATES.values, (known, events, { bounds: [, bound] }) => {
      const expected = naiveValues(events);
      const { values, isComplete } = readValues(known);
      expect(values.length).toBeGreaterThanOrEqual(Math.min(bound, expected.size));
      if (isComplete) expect(values).toHaveLength(expected.size);
      for (const { value, count, first, last } of values) {
        expect(expected.get(String(value))).toEqual({ count, first, last });
      }
    });
  });
});

describe('an aggregate whose past is not sown', () => {
  it.each(withIds)(
    'says of $name what it knows: no occurrence that was not, and which there may be',
    ({ of }) => {
      fc.assert(
        fc.property(peopleOf(of, eachIdOnce), ({ bounds, fragments }) => {
          // As of the activation: what was before is known to be unknown.
          const seen = fragments.map(([log, { from, grownAt, seeds }]) => {
            return [log.slice(from), { from: 0, grownAt: grownAt - from, seeds }] as const;
          });
          const known = knownOfPerson(
            of,
            { bounds, fragments: seen.map(([log, life]) => [[...log], life]) },
            false,
          );
          expect(known.isWhole).toBe(true);
          const events = seen.flatMap(([log]) => log);
          const expected = naiveOccurrences(events, of.kind === 'latest' ? 'latest' : 'earliest');
          const read = of.kind === 'latest' ? readLatest : readEarliest;
          for (const withinMs of [undefined, 1_000, 3_000]) {
            for (const at of instantsOf(events, withinMs ?? 0)) {
              const inside = expected.filter(({ time }) => time <= at && at < time + (withinMs ?? Infinity));
              const { occurrences, isComplete } = read(known, { at, withinMs });
              if (isComplete) expect(placesOf(occurrences)).toEqual(placesOf(inside));
              else expect(placesOf(inside)).toEqual(expect.arrayContaining([...placesOf(occurrences)]));
            }
          }
        }),
        { numRuns: propertyRuns(100) },
      );
    },
  );

  it('knows nothing of it where the identifier had events before', () => {
    const state = beginAggregate(1, 2);
    expect(knownOf(AGGREGATES.latest, state).isWhole).toBe(false);
    expect(knownOf(AGGREGATES.latest, regenerate(AGGREGATES.latest, state, 2, 3)).isWhole).toBe(false);
  });

  it('answers as before while a greater bound is not known yet', () => {
    fc.assert(
      fc.property(logArbitrary, boundsArbitrary(AGGREGATES.counted), (log, [before, bound]) => {
        const of = AGGREGATES.counted;
        const small = fold(of, before, log);
        const grown = knownOf(of, regenerate(of, small, 2, bound));
        expect(grown).toEqual(knownOf(of, small));
        const all = knownOf(of, fold(of, bound, log));
        if (readLatest(grown, { at: 20_000 }).isComplete) expect(grown).toEqual(all);
      }),
    );
  });
});

describe.each(all)('$name', ({ of }) => {
  const logs = fc.array(logArbitrary, { maxLength: 4 });

  it('does not depend on the order of its occurrences', () => {
    const shuffled = logArbitrary.chain((log) =>
      fc.tuple(fc.constant(log), fc.shuffledSubarray([...log], { minLength: log.length })),
    );
    fc.assert(
      fc.property(boundsArbitrary(of), shuffled, ([bound], [log, other]) => {
        expect(fold(of, bound, other)).toEqual(fold(of, bound, log));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('merges in any order and grouping', () => {
    fc.assert(
      fc.property(boundsArbitrary(of), logs, fc.nat(), ([bound], parts, at) => {
        const known = parts.map((log) => knownOf(of, fold(of, bound, log)));
        const split = parts.length === 0 ? 0 : at % parts.length;
        const merge = (...some: KnownAggregate[]) => mergeKnown(of, some);
        expect(merge(merge(...known.slice(0, split)), merge(...known.slice(split)))).toEqual(merge(...known));
        expect(merge(...[...known].reverse())).toEqual(merge(...known));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('takes a repeated seed in place of itself, a lower one and one of another generation not at all', () => {
    fc.assert(
      fc.property(boundsArbitrary(of), logArbitrary, logArbitrary, ([, bound], past, log) => {
        const live = log.reduce((state, one) => foldOccurrence(of, state, one), beginAggregate(7, bound));
        const seed = seedOf(of, bound, 7, 3, past);
        const once = mergeBase(of, live, seed);
        expect(mergeBase(of, once, seed)).toEqual(once);
        expect(mergeBase(of, once, seedOf(of, bound, 7, 2, log))).toBe(once);
        expect(mergeBase(of, once, seedOf(of, bound, 6, 9, log))).toBe(once);
        expect(mergeBase(of, mergeBase(of, live, seedOf(of, bound, 7, 2, log)), seed)).toEqual(once);
      }),
    );
  });

  it('never takes more bytes than it may', () => {
    const wide = fc.record({
      time: fc.constantFrom(-8.64e15, 8.64e15),
      receivedAt: fc.constant(8.64e15),
      sequence: fc.constant(Number.MAX_SAFE_INTEGER),
      id: fc.constantFrom('\u0000'.repeat(100), '€'.repeat(100)),
      value: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constant('-0.999999999'),
        fc.constant('𝄞'.repeat(99)),
      ),
    });
    fc.assert(
      fc.property(boundsArbitrary(of), fc.array(fc.oneof(occurringArbitrary, wide)), ([bound], log) => {
        const state = mergeBase(of, fold(of, bound, log), seedOf(of, bound, 1, Number.MAX_SAFE_INTEGER, log));
        expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThanOrEqual(maxBytesOf(of, bound));
        // A broker takes a mebibyte.
        expect(maxBytesOf(of, MAX_BOUND[of.kind])).toBeLessThan(1_048_576);
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});

describe.each(withIds)('$name', ({ of }) => {
  it('counts an id once, however often it comes and in however many fragments', () => {
    fc.assert(
      fc.property(boundsArbitrary(of), logArbitrary, ([bound], log) => {
        const once = fold(of, bound, log);
        const known = knownOf(of, once);
        expect(mergeKnown(of, [known, known])).toEqual(known);
        for (const one of log) expect(foldOccurrence(of, once, one)).toBe(once);
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});

describe('the name of an aggregate', () => {
  it('tells kinds and values apart, and says nothing of bounds', () => {
    expect(new Set(all.map(({ of }) => of.hash)).size).toBe(all.length);
    expect(AGGREGATES.counted.hash).toBe(nameOf({ call: 'track', name: 'A', kind: 'latest' }));
  });

  it('never changes, for states are stored under it', () => {
    expect(all.map(({ of }) => of.hash)).toEqual([
      'c3729249151fffa2',
      'b11c1f22999ca5ad',
      '44be5ae14faeed38',
      'c778e45b491a7c69',
      'b5d17028f4155c48',
      '58e4ce7d488c3cc0',
      '1d476885e64d41e0',
      '9cae37ed3ac0021e',
    ]);
  });
});

describe('the value of an event', () => {
  it('is found as a filter finds it', () => {
    const event = { type: 'track', properties: { x: { y: [1, { z: 2 }] } }, context: { ip: '::1' } };
    const of = (path: string, from: 'property' | 'context' = 'property') =>
      compileValue({ value: { from, path } })(event);
    expect([of('x.y[0]'), of('ip', 'context'), of('none')]).toEqual([1, '::1', undefined]);
    expect(
      compileValue({ value: { from: 'property', path: 'plan' } })({
        type: 'identify',
        traits: { plan: 'pro' },
      }),
    ).toBe('pro');
  });
});
