import { describe, expect, it } from '@jest/globals';
import type { Comparison } from './definition.js';
import { valueAt } from './value-at.js';
import { compares } from './values.js';

describe('compares', () => {
  it.each<[unknown, Comparison, boolean]>([
    [100, { op: '>=', value: 100 }, true],
    ['100', { op: '>=', value: 100 }, true],
    ['100', { op: '=', value: 100 }, true],
    [100, { op: '=', value: '100' }, true],
    ['1e2', { op: '=', value: 100 }, true],
    ['9', { op: '<', value: '10' }, false],
    ['9', { op: '<', value: 10 }, true],
    ['nine', { op: '<', value: 10 }, false],
    ['nine', { op: '!=', value: 10 }, false],
    ['', { op: '=', value: 0 }, false],
    [{ number: 'hello' }, { op: '>', value: 1 }, false],
    [{ number: '1' }, { op: '=', value: 1 }, false],
    [true, { op: '=', value: true }, true],
    [true, { op: '!=', value: false }, true],
    [true, { op: '>', value: false }, false],
    ['true', { op: '=', value: true }, true],
    [undefined, { op: '!=', value: 'a' }, false],
    [null, { op: '!=', value: 'a' }, false],
    ['b', { op: '!=', value: 'a' }, true],
    [[1], { op: '=', value: 1 }, true],
    ['\u{1f600}', { op: '>', value: '\uffee' }, true],
    [null, { op: 'exists' }, false],
    [false, { op: 'exists' }, true],
    [undefined, { op: 'absent' }, true],
    ['blue shoes', { op: 'contains', values: ['red', 'shoe'] }, true],
    ['blue shoes', { op: 'omits', values: ['red', 'shoe'] }, false],
    ['blue shoes', { op: 'omits', values: ['red'] }, true],
    [undefined, { op: 'omits', values: ['red'] }, false],
    ['blue shoes', { op: 'starts_with', values: ['blue'] }, true],
    ['blue shoes', { op: 'ends_with', values: ['blue'] }, false],
    [12, { op: 'contains', values: ['1'] }, false],
    ['5', { op: 'one_of', values: ['a', 5] }, true],
    ['b', { op: 'none_of', values: ['a', 5] }, true],
    [true, { op: 'none_of', values: ['a', 5] }, false],
    [undefined, { op: 'none_of', values: ['a'] }, false],
  ])('of %j and %j says %j', (value, comparison, expected) => {
    expect(compares(value, comparison)).toBe(expected);
  });
});

describe('valueAt', () => {
  it('follows dots into nested objects, and takes a name with dots too', () => {
    expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1);
    expect(valueAt({ 'a.b': 2 }, 'a.b')).toBe(2);
    expect(valueAt({ a: 'text' }, 'a.length')).toBeUndefined();
  });

  it('sees no member that the customer did not send', () => {
    expect(valueAt({}, 'constructor')).toBeUndefined();
    expect(valueAt({ a: {} }, 'a.toString')).toBeUndefined();
  });
});
