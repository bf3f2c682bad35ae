import fc from 'fast-check';
import type { Occurring } from '../src/aggregates/aggregate-kinds.js';
import {
  beginAggregate,
  foldOccurrence,
  mergeBase,
  regenerate,
  type AggregateSeed,
  type FoldedAggregate,
} from '../src/aggregates/folded-aggregate.js';
import { kindOf } from '../src/aggregates/aggregate-kinds.js';
import { truncate, unite } from '../src/aggregates/ranked.js';
import type { Aggregate } from '../src/aggregates/typed-aggregate.js';

/** A seed, and before which event of the log it comes; behind the end: after all of them. */
interface Sown {
  readonly at: number;
  readonly version: number;
}

/** When an aggregate is activated in a log, when its bound grows, and when seeds of the last generation come. */
export interface Life {
  readonly from: number;
  readonly grownAt: number;
  readonly seeds: readonly Sown[];
}

/** Lives in a log of so many events; their last seed may come before, between and after the events. */
export function lifeArbitrary(length: number): fc.Arbitrary<Life> {
  return fc
    .record({
      from: fc.integer({ min: 0, max: length }),
      later: fc.integer({ min: 0, max: length }),
      seeds: fc.array(
        fc.record({ at: fc.integer({ min: 0, max: length }), version: fc.integer({ min: 0, max: 2 }) }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
    })
    .map(({ from, later, seeds }) => ({ from, grownAt: Math.min(length, from + later), seeds }));
}

/** What SQL would make of these events. */
export function seedOf(
  of: Aggregate,
  bound: number,
  generation: number,
  version: number,
  events: readonly Occurring[],
): AggregateSeed {
  const kind = kindOf(of.kind);
  const ranking = kind.ranking(of);
  const entries = events.flatMap((event) => kind.entries(of, bound, event));
  const part = truncate(
    ranking,
    kind.capacity(bound),
    unite(ranking, [...entries.map((entry) => ({ entries: [entry] })), { entries: [] }]),
  );
  return { generation, version, part };
}

/** Folds a log as a processor does, in two generations; of seeds of a version all say the same. */
export function foldLog(
  of: Aggregate,
  [before, bound]: readonly [number, number],
  log: readonly Occurring[],
  { from, grownAt, seeds }: Life,
  isSeeded: boolean,
): FoldedAggregate {
  let state = beginAggregate(1, before, { isNew: from === 0 });
  const grow = () => {
    if (state.generation === 1) state = regenerate(of, state, 2, bound);
  };
  for (let offset = from; offset <= log.length; offset += 1) {
    if (offset >= grownAt) {
      for (const { at, version } of isSeeded ? seeds : []) {
        // Not before it is activated.
        if (Math.max(at, grownAt) !== offset) continue;
        grow();
        state = mergeBase(of, state, seedOf(of, bound, 2, version, log.slice(0, grownAt)));
      }
    }
    const event = log[offset];
    if (!event) break;
    if (offset >= grownAt) grow();
    state = foldOccurrence(of, state, event);
  }
  return state;
}
