import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { eventArbitrary, resolvedArbitrary } from '../../test/definition.arbitrary.js';
import { parseQuery } from '../parse-query.js';
import { audienceQuery } from './audience-query.js';

function queryOf(text: string) {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return audienceQuery(parsed.value, { at: 1_000_000 });
}

const scans = (query: string) => query.split('FROM events_log_by_profile').length - 1;

const definition = resolvedArbitrary(eventArbitrary(fc.constantFrom(undefined, 60_000), fc.nat(100)));

describe('the query of an audience', () => {
  it('has no text of a customer in it: each is a parameter', () => {
    fc.assert(
      fc.property(definition, fc.uuid(), (of, mark) => {
        const marked = JSON.parse(
          JSON.stringify(of, (name, value: unknown) =>
            typeof value === 'string' && ['name', 'value', 'values'].includes(name)
              ? `${value}${mark}`
              : value,
          ),
        ) as typeof of;
        const { query, parameters } = audienceQuery(marked, { at: 0 });
        expect(query).not.toContain(mark);
        const named = new Set([...query.matchAll(/\{(text\d+):String\}/g)].map(([, name]) => name));
        expect([...named].sort()).toEqual(Object.keys(parameters).sort());
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('reads the events once, however many conditions there are', () => {
    const { query } = queryOf(
      "event('A').count() >= 2 AND event('B').where(property('x') = 1).within(1 day).count() >= 1 AND trait('plan') = 'pro'",
    );
    expect(scans(query)).toBe(1);
  });

  it('reads the events of everybody only where people of whom nothing is read are members', () => {
    expect(scans(queryOf("NOT (event('A').count() = 0)").query)).toBe(1);
    expect(scans(queryOf("event('A').count() >= 1 OR trait('plan').exists()").query)).toBe(1);
    expect(scans(queryOf("event('A').count() = 0").query)).toBe(2);
    expect(scans(queryOf("NOT (trait('plan') = 'pro')").query)).toBe(2);
    expect(scans(queryOf("event('A').count() = 0 AND trait('plan') = 'pro'").query)).toBe(1);
  });

  it('holds nobody’s ids where only one event is asked for, and reads no further back than windows do', () => {
    expect(queryOf("event('A').count() >= 1").query).not.toContain('uniqExactIf');
    expect(queryOf("event('A').count() >= 2").query).toContain('uniqExactIf');
    expect(queryOf("event('A').within(10 seconds).count() >= 1").query).toMatch(/WHERE .* AND time > 990000/);
  });
});
