import { describe, expect, it } from '@jest/globals';
import { GIF, pixelBody } from './pixel.js';

const read = (query: object): unknown => JSON.parse(pixelBody(query).toString());
const call = { event: 'Opened', userId: 'ann', properties: { subject: '¿Qué? ~~~>>>' } };
const json = JSON.stringify(call);

describe('pixelBody', () => {
  it.each([
    ['base64', Buffer.from(json).toString('base64')],
    ['base64 for URLs', Buffer.from(json).toString('base64url')],
    ['base64 whose plus has become a space', Buffer.from(json).toString('base64').replaceAll('+', ' ')],
    ['plain JSON', json],
  ])('reads data as %s', (_as, data) => {
    expect(read({ data, writeKey: 'key' })).toEqual(call);
  });

  it('reads parameters with dots as fields within fields, and leaves the write key out', () => {
    expect(
      read({
        writeKey: 'key',
        userId: 'ann',
        'properties.a.b': '1',
        'properties.a.c': ['2', '3'],
        'context.ip': '',
      }),
    ).toEqual({ userId: 'ann', properties: { a: { b: '1', c: '3' } }, context: { ip: '' } });
  });

  it('lets an object take the place of a text', () => {
    expect(read({ a: '1', 'a.b': '2' })).toEqual({ a: { b: '2' } });
  });

  it('has no way into a prototype', () => {
    const text = pixelBody(
      Object.fromEntries([
        ['__proto__.polluted', '1'],
        ['constructor.prototype.polluted', '1'],
      ]),
    );
    expect(text.toString()).toContain('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('goes only so deep', () => {
    expect(JSON.stringify(read({ ['a.'.repeat(5_000)]: '1' })).match(/\{/g)).toHaveLength(20);
  });

  it('keeps what is no JSON as it came', () => {
    expect(pixelBody({ data: '%%%' }).toString()).toBe('%%%');
    expect(pixelBody({ data: 'bm8ganNvbg==' }).toString()).toBe('bm8ganNvbg==');
  });
});

describe('GIF', () => {
  it('is one pixel by one', () => {
    expect(GIF.toString('latin1', 0, 6)).toMatch(/^GIF8[79]a$/);
    expect([GIF.readUInt16LE(6), GIF.readUInt16LE(8)]).toEqual([1, 1]);
  });
});
