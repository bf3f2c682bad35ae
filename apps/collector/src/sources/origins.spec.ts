import { describe, expect, it } from '@jest/globals';
import { isOriginAllowed } from './origins.js';

const source = { workspaceId: 'w', sourceId: 's', enabled: true };

describe('isOriginAllowed', () => {
  it('lets every page send where the source names none', () => {
    expect(isOriginAllowed(source, 'https://shop.example')).toBe(true);
  });

  it('lets only the pages send that the source names, and servers, which have no origin', () => {
    const allowedOrigins = ['https://Shop.example', 'http://localhost:3000'];
    const of = (origin?: string) => isOriginAllowed({ ...source, allowedOrigins }, origin);
    expect(['https://shop.example', 'http://localhost:3000', undefined].map(of)).toEqual([true, true, true]);
    expect(['https://shop.example:444', 'http://shop.example', 'null', ''].map(of)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(isOriginAllowed({ ...source, allowedOrigins: ['*'] }, 'null')).toBe(true);
  });
});
