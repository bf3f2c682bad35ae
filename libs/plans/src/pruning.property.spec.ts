import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { without, type Path } from './pruning.js';

/** Every path in a value but the empty one. */
function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...at, key], ...pathsIn(item, [...at, key])]);
}

const startsWith = (path: Path, start: Path) => start.every((part, i) => path[i] === part);
const aggregatesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, item) => sum + aggregatesIn(item), 0)
    : 1;

const valueAndPaths = fc.jsonValue({ maxDepth: 4 }).chain((value) => {
  const paths = pathsIn(value);
  return fc.tuple(fc.constant(value), paths.length === 0 ? fc.constant([]) : fc.subarray([...paths]));
});

describe('without', () => {
  it('keeps every aggregate that no path names, and no other, whatever the order of the paths', () => {
    fc.assert(
      fc.property(valueAndPaths, ([value, paths]) => {
        const before = JSON.stringify(value);
        const rest = without(value, paths);
        const isAggregate = (path: Path) =>
          !pathsIn(value).some((p) => p.length > path.length && startsWith(p, path));
        const scalar = (path: Path) =>
          aggregatesIn(path.reduce<unknown>((v, key) => (v as Record<string, unknown>)[key], value)) === 1;
        const kept = pathsIn(value).filter(
          (path) => isAggregate(path) && scalar(path) && !paths.some((p) => startsWith(path, p)),
        );
        const scalarsLeft = typeof rest === 'object' && rest !== null ? aggregatesIn(rest) : 0;
        expect(scalarsLeft).toBe(kept.length);
        expect(without(value, [...paths].reverse())).toEqual(rest);
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
