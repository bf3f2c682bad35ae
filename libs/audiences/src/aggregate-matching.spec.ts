import { describe, expect, it } from '@jest/globals';
import { aggregatesOf } from './aggregate.js';
import { compileAggregate, type MatchableEvent } from './aggregate-matching.js';
import { parseQuery } from './parse-query.js';

function matches(selection: string, event: MatchableEvent): boolean {
  const result = parseQuery(`${selection}.count() >= 1`);
  if (!result.ok) throw new Error(result.error.message);
  return aggregatesOf(result.value).every((aggregate) => compileAggregate(aggregate)(event));
}

describe('compileAggregate', () => {
  it('selects track calls by their event, pages and screens by their name', () => {
    expect(matches("event('A')", { type: 'track', event: 'A' })).toBe(true);
    expect(matches("event('A')", { type: 'track', event: 'B' })).toBe(false);
    expect(matches("event('A')", { type: 'page', name: 'A' })).toBe(false);
    expect(matches("page('A')", { type: 'page', name: 'A' })).toBe(true);
    expect(matches('page(*)', { type: 'page' })).toBe(true);
    expect(matches("screen('A')", { type: 'page', name: 'A' })).toBe(false);
  });

  it('takes event(*) for any call', () => {
    for (const type of ['track', 'identify', 'page', 'alias'])
      expect(matches('event(*)', { type })).toBe(true);
  });

  it('reads properties, the traits of an identify call, and the context', () => {
    const filter = ".where(property('a.b') = 1 AND context('page.url').contains('shop'))";
    const context = { page: { url: 'https://shop.example' } };
    expect(
      matches(`event('A')${filter}`, { type: 'track', event: 'A', properties: { a: { b: 1 } }, context }),
    ).toBe(true);
    expect(matches(`identify()${filter}`, { type: 'identify', traits: { a: { b: 1 } }, context })).toBe(true);
    expect(matches(`event('A')${filter}`, { type: 'track', event: 'A', properties: {}, context })).toBe(
      false,
    );
  });

  it('joins conditions by AND, OR and NOT', () => {
    const filter = ".where(property('x') > 1 AND (property('y') = 'a' OR NOT (property('z').exists())))";
    const match = (properties: Readonly<Record<string, unknown>>) =>
      matches(`event('A')${filter}`, { type: 'track', event: 'A', properties });
    expect(match({ x: 2, y: 'a', z: 1 })).toBe(true);
    expect(match({ x: 2 })).toBe(true);
    expect(match({ x: 2, z: 1 })).toBe(false);
    expect(match({ x: 1, y: 'a' })).toBe(false);
  });
});
