import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { evaluate } from './evaluation.js';
import { aggregatesOf } from './aggregate.js';
import { compileAggregate } from './aggregate-matching.js';
import { parseQuery } from './parse-query.js';
import { printQuery } from './query-printer.js';

const page = readFileSync(new URL('../../../docs/values.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(.+?)`\s+\| `(.+?)`\s+\| (yes|no)\s+\|$/gm)].map((row) => ({
  properties: row[1] ?? '',
  condition: row[2] ?? '',
  holds: row[3] === 'yes',
}));

function definitionOf(query: string) {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const again = parseQuery(printQuery(parsed.value));
  return again.ok ? again.value : parsed.value;
}

describe('the rules of docs/values.md', () => {
  it('are there', () => {
    expect(rows.length).toBeGreaterThan(60);
  });

  it.each(rows)('for a property: $properties, $condition', ({ properties, condition, holds }) => {
    const [aggregate] = aggregatesOf(definitionOf(`event('E').where(${condition}).count() >= 1`));
    if (!aggregate) throw new Error('no aggregate');
    const event = {
      type: 'track',
      event: 'E',
      properties: JSON.parse(properties) as Record<string, unknown>,
    };
    expect(compileAggregate(aggregate)(event)).toBe(holds);
  });

  it.each(rows)('for a trait: $properties, $condition', ({ properties, condition, holds }) => {
    const traits = new Map(Object.entries(JSON.parse(properties) as Record<string, unknown>));
    const definition = definitionOf(condition.replaceAll('property(', 'trait('));
    const trait = (name: string) => (traits.has(name) ? { value: traits.get(name), at: 0 } : undefined);
    expect(evaluate(definition, { profileId: 'p', known: () => undefined, trait }, 1).member).toBe(holds);
  });
});
