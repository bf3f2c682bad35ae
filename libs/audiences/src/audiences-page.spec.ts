import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { factsOf, type Happened } from '../test/evaluated-people.js';
import { checkDefinition } from './definition-check.js';
import { evaluate } from './evaluation.js';
import type { TraitFact } from './facts.js';
import { parseQuery } from './parse-query.js';
import { printQuery } from './query-printer.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);
const page = readFileSync(new URL('../../../docs/audiences.md', import.meta.url), 'utf8');

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, query = '', facts = '', is = '', again = '']) => ({
    query: query.slice(1, -1),
    facts,
    is,
    again,
  }));
const examples = rows.filter(({ is }) => is === 'in' || is === 'out');

const factsIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, fact = '']) => fact);

function eventsIn(cell: string): readonly Happened[] {
  return factsIn(cell).flatMap((fact, i) => {
    const [, value = '', days] = /^(.*)@(\d+)$/.exec(fact) ?? [];
    if (days === undefined) return [];
    const properties = value === '-' ? {} : { x: JSON.parse(value) as unknown };
    return [{ type: 'track', event: 'A', properties, id: `m${i}`, time: NOW - Number(days) * DAY }];
  });
}

function traitsIn(cell: string): Readonly<Record<string, TraitFact>> {
  const traits = factsIn(cell).flatMap((fact) => {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(fact) ?? [];
    return name === undefined ? [] : [[name, { value: JSON.parse(value) as unknown, at: 0 }] as const];
  });
  return Object.fromEntries(traits);
}

describe('the page of audiences', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(50);
  });

  it.each(examples)('$query of $facts is $is', ({ query, facts, is, again }) => {
    const parsed = parseQuery(query);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const known = factsOf(parsed.value, eventsIn(facts), traitsIn(facts));
    const { member, deadline } = evaluate(parsed.value, known, NOW);
    expect(member ? 'in' : 'out').toBe(is);
    expect(deadline === undefined ? 'never' : String((deadline - NOW) / DAY)).toBe(again);
  });

  it.each(rows.map(({ query }) => query))('%s is a query', (query) => {
    const parsed = parseQuery(query);
    expect(parsed.ok || parsed.error.message).toBe(true);
  });

  it('has a tree that is one, and means what its text does', () => {
    const [, tree = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
    const checked = checkDefinition(JSON.parse(tree));
    if (!checked.ok) throw new Error(checked.error.message);
    expect(parseQuery(printQuery(checked.value))).toEqual(checked);
  });
});
