import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compileAggregate } from '../aggregate-matching.js';
import { beginAggregate, foldOccurrence, knownOf } from '../aggregates/folded-aggregate.js';
import { compileValue } from '../aggregates/typed-aggregate.js';
import { aggregatesOfMerge, mergedTrait, MERGE_STRATEGIES, type MergeStrategy } from './merge-strategy.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);
const page = readFileSync(new URL('../../../../docs/traits.md', import.meta.url), 'utf8');

const examples = page
  .split('\n')
  .map((line) => /^\| `(\w+)` +\| (`.*?@\d+`) +\| (.*?) +\|$/.exec(line))
  .flatMap((found) => (found ? [found.slice(1) as [MergeStrategy, string, string]] : []))
  .map(([merge, calls, value]) => [merge, calls, value.replace(/^`(.*)`$/, '$1')] as const);

const callsIn = (cell: string) =>
  [...cell.matchAll(/`(.+?)@(\d+)`/g)].map(([, value = '', days], i) => ({
    time: NOW - Number(days) * DAY,
    id: String(i),
    value: JSON.parse(value) as unknown,
  }));

function valueBy(merge: MergeStrategy, cell: string): unknown {
  const calls = callsIn(cell);
  // Where there is no rule, and by this one, `libs/profiles` keeps the latest; null is no value.
  if (merge === 'latest') return calls.at(-1)?.value ?? undefined;
  const states = aggregatesOfMerge('x', merge).map(({ aggregate, bound }) => {
    const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
    const events = calls
      .map(({ value, ...call }) => ({ ...call, event: { type: 'identify', traits: { x: value } } }))
      .filter(({ event }) => matches(event));
    const state = events.reduce(
      (folded, { time, id, event }, sequence) =>
        foldOccurrence(aggregate, folded, { time, receivedAt: time, sequence, id, value: valueOf(event) }),
      beginAggregate(0, bound, { isNew: true }),
    );
    return [aggregate.hash, events.length > 0 ? knownOf(aggregate, state) : undefined] as const;
  });
  const known = new Map(states);
  return mergedTrait('x', merge, ({ hash }) => known.get(hash)).fact?.value ?? undefined;
}

describe('the page of traits', () => {
  it('has examples of every strategy', () => {
    expect(new Set(examples.map(([merge]) => merge))).toEqual(new Set(MERGE_STRATEGIES));
    expect(examples.length).toBeGreaterThan(25);
  });

  it.each(examples)('%s of %s is %s', (merge, calls, expected) => {
    expect(valueBy(merge, calls)).toEqual(expected === 'absent' ? undefined : JSON.parse(expected));
  });
});
