import { describe, expect, it } from '@jest/globals';
import { parseExactly } from './exact-json.js';

describe('parseExactly', () => {
  it('keeps the digits of ids that numbers would lose', () => {
    expect(
      parseExactly(
        '{"userId":12345678901234567890,"context":{"externalIds":[{"id":-98765432109876543210}]}}',
      ),
    ).toEqual({
      userId: '12345678901234567890',
      context: { externalIds: [{ id: '-98765432109876543210' }] },
    });
  });

  it('leaves all other numbers numbers', () => {
    const text =
      '{"userId":9007199254740991,"properties":{"total":12345678901234567890,"n":1.5},"list":[1234567890123456]}';
    expect(parseExactly(text)).toEqual(JSON.parse(text));
  });

  it('is JSON.parse where no long number is', () => {
    const text = '{"userId":"12345678901234567890","id":1e300}';
    expect(parseExactly(text)).toEqual(JSON.parse(text));
    expect(() => parseExactly('{')).toThrow(SyntaxError);
  });
});
