import { describe, expect, it } from '@jest/globals';
import { checkDefinition, readDefinition } from './definition-check.js';

const errorOf = (tree: unknown) => {
  const result = checkDefinition(tree);
  return result.ok ? 'valid' : result.error.message;
};
const event = { kind: 'event', call: 'track', name: 'A', count: { op: '>=', value: 1 } };

describe('checkDefinition', () => {
  it('brings a tree into normal form', () => {
    const trait = { kind: 'trait', name: 'a', comparison: { op: 'exists' } };
    const nested = { kind: 'and', operands: [{ kind: 'and', operands: [event, trait] }, event] };
    expect(checkDefinition(nested)).toEqual({
      ok: true,
      value: { kind: 'and', operands: [event, trait, event] },
    });
  });

  it.each<[unknown, string]>([
    [null, 'definition: expected an object, found null'],
    [
      { kind: 'xor' },
      'definition.kind: expected one of and, or, not, event, trait, value, random, audience, found "xor"',
    ],
    [
      { kind: 'and', operands: [event] },
      'definition.operands: expected a list of 2 to 500 objects, found a list of 1',
    ],
    [
      { kind: 'not', operand: { ...event, count: { op: '>=', value: 101 } } },
      'definition.operand.count.value: expected a whole number from 0 to 100, found 101',
    ],
    [
      { ...event, name: undefined },
      'definition.name: expected the event\'s name; call "any" is of any, found nothing',
    ],
    [
      { ...event, withinMs: 1_500 },
      'definition.withinMs: expected whole seconds, in milliseconds, from 1000 to 864000000000, found 1500',
    ],
    [
      { kind: 'trait', name: 'a', comparison: { op: 'contains', values: [1] } },
      'definition.comparison.values: expected a list, not empty, of texts, found a list of 1',
    ],
  ])('says of %j what is wrong and where', (tree, message) => {
    expect(errorOf(tree)).toBe(message);
  });

  const trait = { kind: 'trait', name: 'a' };
  const property = { kind: 'property', path: 'p' };

  it.each<[unknown, string]>([
    [
      { ...event, within: '30 days', wheer: {} },
      'definition.within: there is no such member here; did you mean withinMs?; ' +
        'definition.wheer: there is no such member here; did you mean where?',
    ],
    [
      { ...event, window: 1_000 },
      'definition.window: there is no such member here; known are kind, call, name, where, withinMs, count',
    ],
    [
      { ...trait, comparison: { op: 'exists', value: 1 } },
      'definition.comparison.value: there is no such member here; known are op',
    ],
    [
      { ...event, count: undefined, cuont: event.count },
      'definition.cuont: there is no such member here; did you mean count?; ' +
        'definition.count: expected an object, found nothing',
    ],
    [
      { kind: 'not', operand: { ...trait, comparison: { op: '=', value: 1, vlaue: 2 } }, operands: [] },
      'definition.operands: there is no such member here; did you mean operand?; ' +
        'definition.operand.comparison.vlaue: there is no such member here; did you mean value?',
    ],
    [
      {
        ...event,
        where: { kind: 'not', operand: { ...property, comparison: { op: 'one_of', values: [1], x: 1 } } },
      },
      'definition.where.operand.comparison.x: there is no such member here; known are op, values',
    ],
    [
      {
        ...event,
        where: { ...property, paht: 'q', comparison: { op: 'absent' } },
        count: { ...event.count, n: 1 },
      },
      'definition.where.paht: there is no such member here; did you mean path?; ' +
        'definition.count.n: there is no such member here; known are op, value',
    ],
  ])('refuses members of %j that it does not know', (tree, message) => {
    expect(errorOf(tree)).toBe(message);
  });

  it('names every place of an error', () => {
    expect(checkDefinition({ ...event, a: 1, b: 2 })).toMatchObject({
      error: { path: 'definition.a', problems: [{ path: 'definition.a' }, { path: 'definition.b' }] },
    });
  });

  it('refuses more than fifty conditions, and what is nested too deep', () => {
    expect(errorOf({ kind: 'or', operands: Array.from({ length: 51 }, () => event) })).toBe(
      'definition.operands[50]: more than 50 conditions in one definition',
    );
    let deep: unknown = event;
    for (let i = 0; i < 10_000; i += 1) deep = { kind: 'not', operand: deep };
    expect(errorOf(deep)).toMatch(/nested more than 50 deep$/);
  });
});

describe('readDefinition', () => {
  it('leaves out the members that it does not know', () => {
    expect(readDefinition({ ...event, count: { ...event.count, of: 'x' }, later: true })).toEqual({
      ok: true,
      value: event,
    });
  });
});
