import { describe, expect, it } from '@jest/globals';
import type { KeyCarrier } from './routes.table.js';
import { userOf, writeKeyOf, type KeyPlaces } from './write-key.js';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const ALL: readonly KeyCarrier[] = ['basic', 'header', 'query', 'path', 'body'];
const none: KeyPlaces = { headers: {}, query: {}, params: {} };

describe('userOf', () => {
  it('takes the user of HTTP Basic, whatever the password', () => {
    expect(userOf(basic('key:'))).toBe('key');
    expect(userOf(basic('key:secret:x'))).toBe('key');
    expect(userOf(basic('key').replace('Basic', 'basic'))).toBe('key');
  });

  it('finds none in other schemes or an empty user', () => {
    for (const header of [undefined, '', 'Bearer key', basic(':'), 'Basic'])
      expect(userOf(header)).toBeUndefined();
  });
});

describe('writeKeyOf', () => {
  it.each<[string, Partial<KeyPlaces>]>([
    ['HTTP Basic', { headers: { authorization: basic('key:') } }],
    ['X-Write-Key', { headers: { 'x-write-key': 'key' } }],
    ['X-Write-Key beside a secret', { headers: { 'x-write-key': 'key:secret' } }],
    ['the query', { query: { writeKey: 'key' } }],
    ['the path', { params: { writeKey: 'key' } }],
    [
      'the query beside a bearer token',
      { headers: { authorization: 'Bearer x' }, query: { writeKey: 'key' } },
    ],
  ])('finds the key in %s', (_where, places) => {
    expect(writeKeyOf({ ...none, ...places }, ALL)).toBe('key');
  });

  it('takes the first in the order of the route', () => {
    const both = { ...none, headers: { 'x-write-key': 'header' }, query: { writeKey: 'query' } };
    expect(writeKeyOf(both, ['query', 'header'])).toBe('query');
    expect(writeKeyOf(both, ['header', 'query'])).toBe('header');
    expect(writeKeyOf(both, ['basic', 'body'])).toBeUndefined();
  });

  it('finds none in what is no text', () => {
    for (const writeKey of ['', ['a', 'b'], undefined, { a: 1 }])
      expect(writeKeyOf({ ...none, query: { writeKey } }, ALL)).toBeUndefined();
  });
});
