import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { isUtf8 } from 'node:buffer';
import { jsonFault } from './json-fault.js';
import { nearBatch } from './near-batch.js';

const isJson = (bytes: Buffer): boolean => {
  try {
    JSON.parse(bytes.toString('utf8'));
    return isUtf8(bytes);
  } catch {
    return false;
  }
};
/** JSON, and JSON in which a few bytes were changed. */
const near = fc
  .tuple(fc.json(), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }))
  .map(([json, changes]) => {
    const bytes = Buffer.from(json);
    for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
    return bytes;
  });

describe('jsonFault', () => {
  it('takes no capital letter for an escape', () => {
    expect(jsonFault(Buffer.from(String.raw`{"\N":1}`))).toMatchObject({ offset: 2 });
    expect(jsonFault(Buffer.from(String.raw`{"\u00E4":1}`))).toBeUndefined();
  });

  it('finds a fault where JSON.parse does, and nowhere else', () => {
    fc.assert(
      fc.property(near, (bytes) => {
        expect(jsonFault(bytes) === undefined).toBe(isJson(bytes));
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it.each([
    ['{"a":[1,{"b":NaN}]}', 13, 'a[1].b', 'NaN'],
    ['{"a":[1,]}', 8, 'a[1]', ']'],
    ['{"a":1,}', 7, 'a', '}'],
    [String.raw`{"a":"\x"}`, 6, 'a', String.raw`\x`],
    ['{"a":"line\nbreak"}', 10, 'a', 'U+000A'],
    ["{'a':1}", 1, '', "'a'"],
    ['{"a":True}', 5, 'a', 'True'],
    ['{"a":01}', 5, 'a', '01'],
    ['{"a":1} x', 8, '', 'x'],
    ['{"a":"b', 7, 'a', 'quote'],
    ['', 0, '', 'nothing'],
  ])('names the place in %s', (text, offset, path, said) => {
    const fault = jsonFault(Buffer.from(text));
    expect(fault).toMatchObject({ code: 'malformed_json', offset, path });
    expect(fault?.message).toContain(said);
  });

  it.each([[[0xfc]], [[0xe2, 0x82]], [[0xed, 0xa0, 0x80]]])(
    'names the byte that is not UTF-8: %j',
    (broken) => {
      const bytes = Buffer.concat([Buffer.from('{"ä":{"b":"ü'), Buffer.from(broken), Buffer.from('"}}')]);
      expect(jsonFault(bytes)).toMatchObject({ code: 'invalid_utf8', offset: 14, path: 'ä.b' });
    },
  );

  it('is not brought down by depth', () => {
    expect(jsonFault(Buffer.from('['.repeat(500_000)))).toMatchObject({ offset: 1_000 });
  });
});

describe('nearBatch', () => {
  it('finds the calls of JSON as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.jsonValue(), (calls, context) => {
        const found = nearBatch(Buffer.from(JSON.stringify({ context, batch: calls, sentAt: 'x' })), 100);
        expect(found?.calls.map(({ bytes }) => bytes.toString())).toEqual(
          calls.map((call) => JSON.stringify(call)),
        );
        expect(found?.envelope.toString()).toBe(JSON.stringify({ context, batch: [], sentAt: 'x' }));
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('makes no call of what is a text in truth, whichever quote is missing', () => {
    const fake = { type: 'identify', userId: 'victim' };
    const comment = `,${JSON.stringify(fake)},`;
    const batch = [1, 2, 3].map((i) => ({ type: 'track', event: `E${i}`, properties: { a: 'x', comment } }));
    const text = JSON.stringify({ batch });
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] !== '"') continue;
      const found = nearBatch(Buffer.from(text.slice(0, at) + text.slice(at + 1)), 100);
      expect((found?.calls ?? []).map(({ bytes }) => bytes.toString())).not.toContain(JSON.stringify(fake));
    }
  });

  it.each([
    '{"batch":[{"a":1},{"a":[2}]}',
    '{"batch":[{"a":1},{"a":2]}',
    '{"batch":[{"a":"x},{"a":2}]}',
    '{"batch":[{"a":1}',
    '{"batch":[{"a":1}]} {"batch":[]}',
    '{"batch":[{"a":1}],"batch":[{"a":2}]}',
    '[{"a":1}]',
    '{"batch":{"a":1}}',
    `{"batch":[${'{},'.repeat(101)}]}`,
  ])('says nothing of %s', (text) => {
    expect(nearBatch(Buffer.from(text), 100)).toBeUndefined();
  });
});
