import { grainOf, type WantedAggregate } from '@tributary/audiences';

/**
 * By how much events may leave a window too early of what reads these, in milliseconds; null where it is not at all. Where
 * another definition has a longer window of the same events, theirs is the grain of both.
 */
export function grainIn(wanted: readonly WantedAggregate[]): number | null {
  const grains = wanted.flatMap(({ aggregate: { kind }, bound }) =>
    kind === 'tiles' || kind === 'value_tiles' ? [grainOf(bound)] : [],
  );
  return grains.length === 0 ? null : Math.max(...grains);
}
