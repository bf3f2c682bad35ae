import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compileAggregate } from '../aggregate-matching.js';
import { beginAggregate, foldOccurrence, knownOf } from '../aggregates/folded-aggregate.js';
import { compileValue, type Aggregate } from '../aggregates/typed-aggregate.js';
import { parseComputedTrait, parseTrait } from '../parse-query.js';
import { groupsOf } from '../../test/ranked-people.js';
import { computeTrait } from './compute.js';
import { printTrait } from './print-trait.js';
import { bordersOf, isScore, scoreOf } from './score.js';
import { aggregatesOfTrait } from './trait-aggregate.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);
const page = readFileSync(new URL('../../../../docs/computed-traits.md', import.meta.url), 'utf8');

const examples = page
  .split('\n')
  .filter((line) => line.startsWith('| `event('))
  .map((line) => {
    const [, query = '', events = '', value = ''] = line.split('|').map((cell) => cell.trim());
    return [query.slice(1, -1), events, value.replace(/^`(.*)`$/, '$1')] as const;
  });

const scores = page
  .split('\n')
  .filter((line) => line.startsWith('| `trait('))
  .map((line) => {
    const [, query = '', values = '', expected = ''] = line.split('|').map((cell) => cell.trim());
    return [query.slice(1, -1), values, expected] as const;
  });

const valuesIn = (cell: string) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, value = '']) => JSON.parse(value) as string | number);

function toEvents(cell: string) {
  return [...cell.matchAll(/`([^`]+)@(\d+)`/g)].map(([, value = '', days], i) => ({
    time: NOW - Number(days) * DAY,
    id: String(i),
    event: {
      type: 'track',
      event: 'A',
      properties: value === '-' ? {} : { x: JSON.parse(value) as unknown },
    },
  }));
}

describe('the page of computed traits', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(30);
    expect(scores.length).toBeGreaterThan(4);
  });

  it.each(examples)('%s of %s is %s', (query, cell, expected) => {
    const parsed = parseComputedTrait(query);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const states = aggregatesOfTrait(parsed.value).map(({ aggregate, bound }) => {
      const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
      const events = toEvents(cell).filter(({ event }) => matches(event));
      const state = events.reduce(
        (folded, { time, id, event }, sequence) =>
          foldOccurrence(aggregate, folded, { time, receivedAt: time, sequence, id, value: valueOf(event) }),
        beginAggregate(0, bound, { isNew: true }),
      );
      return [aggregate.hash, events.length > 0 ? knownOf(aggregate, state) : undefined] as const;
    });
    const known = new Map(states);
    const { value } = computeTrait(parsed.value, ({ hash }: Aggregate) => known.get(hash), NOW);
    expect(value).toEqual(expected === 'absent' ? undefined : JSON.parse(expected));
  });

  it.each(scores)('%s of people with %s is %s', (query, cell, expected) => {
    const parsed = parseTrait(query);
    if (!parsed.ok || !isScore(parsed.value)) throw new Error(`${query} is no score`);
    const score = parsed.value;
    const values = valuesIn(cell);
    const borders = bordersOf(groupsOf(values, score), score);
    expect(values.map((value) => scoreOf(value, borders, score))).toEqual(valuesIn(expected));
  });

  it('has traits of customers that can be put as they are', () => {
    const queries = [...page.matchAll(/^ {4}query: (.*)$/gm)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      const parsed = parseTrait(query);
      expect(parsed.ok && printTrait(parsed.value)).toBe(query);
    }
  });
});
