import { describe, expect, it } from '@jest/globals';
import { mayUse } from './origins.js';

const shop = { allowedOrigins: new Set(['https://shop.example', 'http://localhost:3000']) };

describe('origins', () => {
  it('are any unless the source names some', () => {
    expect(mayUse({}, 'https://elsewhere.example')).toBe(true);
  });

  it('are those that the source names, as a whole', () => {
    for (const origin of ['https://shop.example', 'https://Shop.example', 'http://localhost:3000'])
      expect(mayUse(shop, origin)).toBe(true);
    for (const origin of [
      'http://shop.example',
      'https://shop.example:8443',
      'https://a.shop.example',
      'null',
      '',
    ])
      expect(mayUse(shop, origin)).toBe(false);
  });

  it('bind browsers only', () => {
    expect(mayUse(shop, undefined)).toBe(true);
  });
});
