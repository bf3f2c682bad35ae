import fc from 'fast-check';
import { knownOf, mergeKnown, type KnownAggregate } from '../src/aggregates/folded-aggregate.js';
import type { Occurring } from '../src/aggregates/aggregate-kinds.js';
import type { Aggregate } from '../src/aggregates/typed-aggregate.js';
import { foldLog, lifeArbitrary } from './folding.js';
import { boundsArbitrary, logArbitrary } from './occurring.arbitrary.js';

/** Where events of few seconds enter and leave, and the instants before. */
const instants = Array.from({ length: 20 }, (_, second) => [second * 1_000 - 1, second * 1_000]).flat();
export const instantsOf = (events: readonly Occurring[], withinMs: number) => [
  ...instants,
  ...events.flatMap(({ time }) => [time - 1, time, time + withinMs - 1, time + withinMs]),
];

/** Logs whose events share no id. */
export const eachIdOnce = fc
  .tuple(fc.nat(), logArbitrary)
  .map(([n, log]) => log.map((one, i) => ({ ...one, id: `${one.id}${n} ${i}` })));

/** Fragments of one person, each with a log, an activation, a growth and seeds of its own. */
export function peopleOf(of: Aggregate, logs = logArbitrary) {
  const life = logs.chain((log) => fc.tuple(fc.constant(log), lifeArbitrary(log.length)));
  return fc.record({
    bounds: boundsArbitrary(of),
    fragments: fc.array(life, { minLength: 1, maxLength: 3 }),
  });
}

export type Person = ReturnType<typeof peopleOf> extends fc.Arbitrary<infer T> ? T : never;

export const knownOfPerson = (
  of: Aggregate,
  { bounds, fragments }: Person,
  isSeeded: boolean,
): KnownAggregate =>
  mergeKnown(
    of,
    fragments.map(([log, life]) => knownOf(of, foldLog(of, bounds, log, life, isSeeded))),
  );
