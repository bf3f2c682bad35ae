import { describe, expect, it } from '@jest/globals';
import { compilePlan } from './compile-plan.js';
import type { JsonObject, Plan } from './plan.js';

async function problemsOf(schema: JsonObject) {
  const plan: Plan = { events: [{ type: 'identify', schema, onViolation: 'reject' }], unplanned: 'allow' };
  const compiled = await compilePlan(plan);
  return compiled.ok ? [] : compiled.error.map(({ path, message }) => `${path} ${message}`);
}

/** Each definition applies the one after it twice. */
const doubling = (links: number) => ({
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    Array.from({ length: links }, (_, i) => {
      const next = { $ref: `#/$defs/d${i + 1}` };
      return [`d${i}`, i === links - 1 ? { type: 'object' } : { allOf: [next, next] }];
    }),
  ),
});

describe('a schema', () => {
  it.each<[string, JsonObject, string]>([
    [
      'of no type there is',
      { properties: { a: { type: 'nmber' } } },
      'events[0].schema/properties/a/type must be',
    ],
    ['with a keyword misspelt', { propertise: {} }, 'unknown keyword: "propertise"'],
    ['of another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema is not taken'],
    [
      'that refers to the outside',
      { $ref: 'https://example.com/x' },
      '/$ref is "https://example.com/x": expected a JSON',
    ],
    ['that refers to nothing', { $ref: '#/$defs/x' }, '/$ref is "#/$defs/x", where there is no schema'],
    ['that refers to itself', { properties: { a: { $ref: '#' } } }, '/properties/a/$ref refers to itself'],
    ['that doubles with every link', doubling(30), 'has more than 2000 parts'],
    [
      'with back references',
      { properties: { a: { pattern: '(a)\\1' } } },
      '/properties/a/pattern is not a regular',
    ],
    ['with look-around', { patternProperties: { '(?=a)': {} } }, '/patternProperties/(?=a) is not a regular'],
    ['with an unknown format', { properties: { a: { format: 'colour' } } }, 'unknown format "colour"'],
    ['that is too long', { description: 'x'.repeat(70_000) }, 'characters of JSON: at most 64000'],
    [
      'that nests too deep',
      JSON.parse(`${'{"not":'.repeat(50)}{}${'}'.repeat(50)}`) as JsonObject,
      'deeper than 32',
    ],
  ])('%s is refused, and the error names the place', async (_, schema, problem) => {
    expect((await problemsOf(schema)).join('\n')).toContain(problem);
  });

  it('may share definitions, double as often as is bearable, and name a thousand properties', async () => {
    expect(await problemsOf(doubling(4))).toEqual([]);
    const names = Array.from({ length: 1_000 }, (_, i) => [`p${i}`, { type: 'string' }]);
    expect(await problemsOf({ properties: Object.fromEntries(names) as JsonObject })).toEqual([]);
  });

  it('with a pattern that makes a backtracking matcher hang validates at once', async () => {
    const schema = { properties: { userId: { pattern: '^(a+)+$' } } };
    const plan: Plan = { events: [{ type: 'identify', schema, onViolation: 'reject' }], unplanned: 'allow' };
    const compiled = await compilePlan(plan);
    const call = { type: 'identify', userId: `${'a'.repeat(30_000)}b` };
    expect(compiled.ok && compiled.value.validate(call).ok).toBe(false);
  });

  it('may be in a plan once for a kind of call', async () => {
    const entry = { type: 'track', event: 'A', schema: {}, onViolation: 'allow' } as const;
    const compiled = await compilePlan({
      events: [entry, entry, { ...entry, type: 'page' }],
      unplanned: 'allow',
    });
    expect(compiled).toEqual({
      ok: false,
      error: [
        { path: 'events[1]', message: 'track "A" is in the plan already: once is enough' },
        { path: 'events[2].event', message: 'only track calls have an event, page has none' },
      ],
    });
  });
});
