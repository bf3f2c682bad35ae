import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { parseExactly, wasNumber } from './exact-json.js';

const parsed = (literal: string) =>
  (parseExactly(`{"a":[${literal}]}`) as { readonly a: readonly unknown[] }).a;

describe('parseExactly', () => {
  it.each([
    '820982911946154508',
    '89014103211118510720',
    '-9223372036854775808',
    '9007199254740992',
    '9007199254740993.0',
    '9007199254740993.5',
    '1e400',
    '-1E+0400',
    '1e-400',
    '0.12345678901234567891',
    '123456789.1234567891234',
  ])('keeps the digits of %s as text', (literal) => {
    const items = parsed(literal);
    expect(items).toEqual([literal]);
    expect(wasNumber(items, '0')).toBe(true);
  });

  it.each([
    ...['0', '-0', '9007199254740991', '-9007199254740991', '1.5', '1e300', '1e22', '5e-324', '0.1'],
    ...['0.10000000000000001', '129.90000000000001', '0.30000000000000004', '1.7976931348623157e308'],
    ...['100000000000000000000.0e0', '0.5000000000000000000000', '2.2250738585072014E-308'],
  ])('leaves %s a number', (literal) => {
    const items = parsed(literal);
    expect(items).toEqual([Number(literal)]);
    expect(wasNumber(items, '0')).toBe(false);
  });

  it('is JSON.parse of all that doubles are written as', () => {
    const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    fc.assert(
      fc.property(numbers, (value) => {
        if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) return;
        expect(parsed(String(value))).toEqual([JSON.parse(String(value))]);
        expect(parsed(value.toExponential(16))).toEqual([Number(value.toExponential(16))]);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('never answers with another number than the one that is written', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${most}}$`));
    fc.assert(
      fc.property(digits(30), (text) => {
        const [item] = parsed(text);
        expect(typeof item === 'number' ? BigInt(item) : item).toBe(
          typeof item === 'number' ? BigInt(text) : text,
        );
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('leaves texts and errors to JSON.parse', () => {
    const text = '{"userId":"12345678901234567890","id":1e300}';
    expect(parseExactly(text)).toEqual(JSON.parse(text));
    expect(() => parseExactly('{')).toThrow(SyntaxError);
  });
});
