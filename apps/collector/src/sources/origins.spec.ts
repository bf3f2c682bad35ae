import { describe, expect, it } from '@jest/globals';
import { allowedOriginOf, mayUse } from './origins.js';

const open = { workspaceId: 'w', sourceId: 's', enabled: true };
const shop = { ...open, allowedOrigins: new Set(['https://shop.example']) };

describe('origins', () => {
  it('are any unless the source names some', () => {
    expect(mayUse(open, 'https://elsewhere.example')).toBe(true);
    expect(allowedOriginOf(open, 'https://elsewhere.example')).toBe('*');
  });

  it('are those that the source names, to the letter', () => {
    expect(mayUse(shop, 'https://shop.example')).toBe(true);
    expect(allowedOriginOf(shop, 'https://shop.example')).toBe('https://shop.example');
    for (const origin of [
      'http://shop.example',
      'https://shop.example:8443',
      'https://a.shop.example',
      'null',
    ]) {
      expect(mayUse(shop, origin)).toBe(false);
      expect(allowedOriginOf(shop, origin)).toBeUndefined();
    }
  });

  it('bind browsers only', () => {
    expect(mayUse(shop, undefined)).toBe(true);
    expect(allowedOriginOf(shop, undefined)).toBeUndefined();
  });

  it('do not matter where the source is not known yet', () => {
    expect(allowedOriginOf(undefined, 'https://shop.example')).toBe('*');
  });
});
