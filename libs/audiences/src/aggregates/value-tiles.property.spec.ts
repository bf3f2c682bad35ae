import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { instantsOf, knownOfPerson, peopleOf } from '../../test/aggregated-people.js';
import { naiveValues } from '../../test/naive-aggregates.js';
import { AGGREGATES } from '../../test/occurring.arbitrary.js';
import { grainOf, type Occurring } from './aggregate-kinds.js';
import { beginAggregate, foldOccurrence, knownOf } from './folded-aggregate.js';
import { readValueTiles } from './read-aggregate.js';

describe('values in tiles', () => {
  it('knows the values of a window at every instant, each event as if at the beginning of its tile', () => {
    const of = AGGREGATES.valueTiles;
    fc.assert(
      fc.property(
        peopleOf(of),
        fc.constantFrom(1_000, 3_000, 4_000),
        fc.constantFrom(0, 1_000, 2_000),
        (person, longMs, fromMs) => {
          const known = knownOfPerson(of, person, true);
          const grain = grainOf(person.bounds[1]);
          const withinMs = fromMs + longMs;
          const events = person.fragments
            .flatMap(([log]) => log)
            .map((event) => ({ ...event, tile: Math.floor(event.time / grain) * grain }));
          const inside = (at: number) =>
            events.filter(({ tile }) => tile + fromMs <= at && at < tile + withinMs);
          const borders = events.map(({ tile }) => ({ time: tile }) as Occurring);
          for (const at of instantsOf(borders, withinMs)) {
            const expected = naiveValues(inside(at));
            const {
              values,
              isComplete,
              changesAt = Infinity,
            } = readValueTiles(known, { at, fromMs, withinMs });
            expect(isComplete).toBe(true);
            expect(values).toHaveLength(expected.size);
            for (const { value, count, first, last } of values)
              expect(expected.get(String(value))).toEqual({ count, first, last });
            for (const later of instantsOf(borders, withinMs))
              if (later > at && later < changesAt) expect(naiveValues(inside(later))).toEqual(expected);
          }
        },
      ),
      { numRuns: propertyRuns(100) },
    );
  });

  it('says of values in tiles where some that are older are missing', () => {
    const of = AGGREGATES.valueTiles;
    const log = Array.from({ length: 600 }, (_, n) => ({
      ...{ time: n * 1_000, receivedAt: 0, sequence: 0, id: `m${n}`, value: n },
    }));
    const known = knownOf(
      of,
      log.reduce((state, one) => foldOccurrence(of, state, one), beginAggregate(1, 1_000_000)),
    );
    const read = (withinMs: number) => readValueTiles(known, { at: 599_000, withinMs });
    expect(read(1_000_000)).toMatchObject({ isComplete: false });
    expect(read(400_000)).toMatchObject({ isComplete: true });
    expect(read(400_000).values).toHaveLength(400);
  });
});
