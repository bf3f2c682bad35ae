import { describe, expect, it } from '@jest/globals';
import { compileMapping, type MappingOperation } from './mapping.js';

function mend(value: unknown, ...operations: readonly MappingOperation[]): unknown {
  const mapping = compileMapping(operations);
  if (!mapping.ok) throw new Error(JSON.stringify(mapping.error));
  return mapping.value(value);
}

describe('a mapping', () => {
  it('renames, and makes the objects on the way to the new name', () => {
    expect(mend({ uid: 'u1', a: 1 }, { op: 'rename', from: 'uid', to: 'userId' })).toEqual({
      userId: 'u1',
      a: 1,
    });
    expect(mend({ total: 5 }, { op: 'rename', from: 'total', to: 'properties.order.total' })).toEqual({
      properties: { order: { total: 5 } },
    });
  });

  it('renames nothing that is not there, and nothing that would be lost', () => {
    const call = { userId: 'u1', event: 'Bought' };
    expect(mend(call, { op: 'rename', from: 'uid', to: 'event' })).toEqual(call);
    expect(mend(call, { op: 'rename', from: 'userId', to: 'event.deeper' })).toEqual(call);
  });

  it('sets, drops and reaches names with dots by JSON Pointers', () => {
    expect(
      mend(
        { properties: { 'a.b': 1, 'c/d': 2 }, list: [{ x: 1 }, { x: 2 }] },
        { op: 'drop', path: '/properties/a.b' },
        { op: 'set', path: '/properties/c~1d', value: 3 },
        { op: 'set', path: 'list.1.x', value: 4 },
        { op: 'drop', path: 'list.0' },
        { op: 'set', path: 'list.7.x', value: 5 },
      ),
    ).toEqual({ properties: { 'c/d': 3 }, list: [{ x: 4 }] });
  });

  it.each([
    ['12.5', 'number', 12.5],
    ['twelve', 'number', 'twelve'],
    [12, 'string', '12'],
    ['yes', 'boolean', true],
    [0, 'boolean', false],
    ['perhaps', 'boolean', 'perhaps'],
    [1_767_323_045, 'instant', '2026-01-02T03:04:05.000Z'],
    ['1767323045', 'instant', '2026-01-02T03:04:05.000Z'],
    [1_767_323_045_678, 'instant', '2026-01-02T03:04:05.678Z'],
    ['yesterday', 'instant', 'yesterday'],
  ] as const)('casts %j to %s: %j', (value, to, expected) => {
    expect(mend({ value }, { op: 'cast', path: 'value', to })).toEqual({ value: expected });
  });

  it('applies its operations in their order', () => {
    expect(
      mend(
        { a: '1' },
        { op: 'cast', path: 'a', to: 'number' },
        { op: 'rename', from: 'a', to: 'b' },
        { op: 'cast', path: 'a', to: 'string' },
      ),
    ).toEqual({ b: 1 });
  });

  it.each(['', 'a..b', '/a//b', 'a.__proto__.b', '/a~2', Array(21).fill('a').join('.')])(
    'refuses the path "%s"',
    (path) => {
      const made = compileMapping([
        { op: 'drop', path: 'fine' },
        { op: 'drop', path },
      ]);
      expect(made).toMatchObject({ ok: false, error: [{ index: 1 }] });
    },
  );

  it('refuses more than a hundred operations', () => {
    const operations = Array.from({ length: 101 }, () => ({ op: 'drop', path: 'a' }) as const);
    expect(compileMapping(operations).ok).toBe(false);
  });
});
