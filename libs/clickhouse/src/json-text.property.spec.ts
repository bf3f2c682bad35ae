import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wellFormedJson, withFields } from './json-text.js';

const text = fc.string({
  unit: fc.constantFrom('a', '\\', '"', 'u', 'd', '8', '\ud83d', '\ude00', '😀', 'é'),
});
const escapedAll = (value: string) =>
  `"${[...Array(value.length).keys()].map((i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;

describe('wellFormedJson', () => {
  it('reads as the same text with every lone surrogate replaced', () => {
    fc.assert(
      fc.property(text, (value) => {
        const mended = wellFormedJson(Buffer.from(JSON.stringify(value)));
        expect(JSON.parse(mended.toString())).toBe(value.toWellFormed());
      }),
    );
  });

  it('does so when everything is escaped, in small or capital letters', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (value, capital) => {
        const json = escapedAll(value);
        const written = capital ? json.replace(/[a-f]/g, (digit) => digit.toUpperCase()) : json;
        expect(JSON.parse(wellFormedJson(Buffer.from(written)).toString())).toBe(value.toWellFormed());
      }),
    );
  });

  it('hands the same bytes back where nothing is wrong', () => {
    const json = Buffer.from(JSON.stringify({ a: '😀', b: 'x' }));
    expect(wellFormedJson(json)).toBe(json);
  });
});

describe('withFields', () => {
  it('reads as the object with the fields in front', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, offset) => {
        fc.pre(!('kafkaOffset' in object));
        const row = withFields(Buffer.from(JSON.stringify(object)), { kafkaOffset: offset });
        expect(JSON.parse(row?.toString() ?? '')).toEqual(
          JSON.parse(JSON.stringify({ kafkaOffset: offset, ...object })),
        );
      }),
    );
  });

  it.each(['[1,2,3]', '{}', '', 'null', '"text"'])('takes no %s', (json) => {
    expect(withFields(Buffer.from(json), { a: 1 })).toBeUndefined();
  });
});
