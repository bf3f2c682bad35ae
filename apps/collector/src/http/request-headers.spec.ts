import { describe, expect, it } from '@jest/globals';
import { deviceOf, encodingOf, expectedBytes, isJsonType, writeKeyOf } from './request-headers.js';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('writeKeyOf', () => {
  it('takes the user of HTTP Basic, whatever the password', () => {
    expect(writeKeyOf(basic('key:'))).toBe('key');
    expect(writeKeyOf(basic('key:secret:x'))).toBe('key');
    expect(writeKeyOf(basic('key').replace('Basic', 'basic'))).toBe('key');
  });

  it('finds none in other schemes or an empty user', () => {
    for (const header of [undefined, '', 'Bearer key', basic(':'), 'Basic'])
      expect(writeKeyOf(header)).toBeUndefined();
  });
});

describe('isJsonType', () => {
  it('takes the types that SDKs send JSON as', () => {
    for (const type of [
      undefined,
      'application/json',
      'application/x-www-form-urlencoded',
      'Application/JSON; charset=utf-8',
      'text/plain;charset=UTF-8',
    ])
      expect(isJsonType(type)).toBe(true);
    for (const type of ['application/xml', 'multipart/form-data', 'application/jsonx', 'text/html'])
      expect(isJsonType(type)).toBe(false);
  });
});

describe('encodingOf', () => {
  it('knows gzip and deflate', () => {
    expect([undefined, '', 'GZIP', 'deflate', 'br'].map((name) => encodingOf(name))).toEqual([
      'identity',
      'identity',
      'gzip',
      'deflate',
      undefined,
    ]);
  });
});

describe('expectedBytes', () => {
  it('expects the most where a length is not said, and never more', () => {
    expect(expectedBytes({ 'content-length': '1000' })).toBe(1_000);
    expect(expectedBytes({ 'content-length': '1000', 'content-encoding': 'gzip' })).toBe(10_000);
    expect(expectedBytes({ 'content-length': '100000', 'content-encoding': 'gzip' })).toBe(512_000);
    expect(expectedBytes({})).toBe(512_000);
  });
});

describe('deviceOf', () => {
  const browser = { 'user-agent': 'Mozilla/5.0 (X11)', 'x-forwarded-for': '192.0.2.1, 10.0.0.1' };

  it('names the device of a browser', () => {
    expect(deviceOf(browser, '10.0.0.1', false)).toEqual({ ip: '10.0.0.1', userAgent: 'Mozilla/5.0 (X11)' });
    expect(deviceOf(browser, '10.0.0.1', true)).toEqual({ ip: '192.0.2.1', userAgent: 'Mozilla/5.0 (X11)' });
  });

  it('does not take a server for the device of a person', () => {
    expect(deviceOf({ 'user-agent': 'analytics-python/2.3' }, '10.0.0.1', true)).toEqual({});
    expect(deviceOf({}, '10.0.0.1', true)).toEqual({});
  });
});
