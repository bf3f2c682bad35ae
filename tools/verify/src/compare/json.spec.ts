import { describe, expect, it } from '@jest/globals';
import { isSameJson } from './json.js';

const same = (a: string, b: string) => isSameJson(JSON.parse(a), JSON.parse(b));

describe('isSameJson', () => {
  it('takes values for one whatever the order of their members, their prototypes and the sign of zero', () => {
    expect(same('{"a":[1,{"b":null}],"c":0}', '{"c":-0,"a":[1,{"b":null}]}')).toBe(true);
    expect(isSameJson(Object.assign(Object.create(null), { a: 1 }), { a: 1 })).toBe(true);
  });

  it.each([
    ['1', '"1"'],
    ['null', '{}'],
    ['[]', '{}'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,1]'],
    ['{"a":1}', '{"b":1}'],
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{"toString":1}', '{"a":1}'],
    ['{"a":1}', '{"toString":1}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ['{"__proto__":{}}', '{"a":{}}'],
  ])('tells %s from %s', (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });
});
