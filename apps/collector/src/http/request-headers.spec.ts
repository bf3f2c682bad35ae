import { describe, expect, it } from '@jest/globals';
import { deviceOf, expectedBytes, publicAddressOf } from './request-headers.js';

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
    expect(deviceOf(browser, '10.0.0.9', 0)).toEqual({ ip: '10.0.0.9', userAgent: 'Mozilla/5.0 (X11)' });
    expect(deviceOf(browser, '10.0.0.9', 2)).toEqual({ ip: '192.0.2.1', userAgent: 'Mozilla/5.0 (X11)' });
  });

  it.each([
    [1, '203.0.113.7', '203.0.113.7'],
    [1, '1.1.1.1, 203.0.113.7', '203.0.113.7'],
    [2, '1.1.1.1, 203.0.113.7, 10.0.0.1', '203.0.113.7'],
    [2, '203.0.113.7', '203.0.113.7'],
    [1, '', '10.0.0.9'],
    [0, '1.1.1.1', '10.0.0.9'],
  ])('believes %i proxies of ours, and nothing before them: %s is from %s', (hops, list, ip) => {
    expect(deviceOf({ ...browser, 'x-forwarded-for': list }, '10.0.0.9', hops).ip).toBe(ip);
  });

  it('does not take a server for the device of a person', () => {
    expect(deviceOf({ 'user-agent': 'analytics-python/2.3' }, '10.0.0.1', 1)).toEqual({});
    expect(deviceOf({}, '10.0.0.1', 1)).toEqual({});
  });

  it.each([
    ['keep', '10.1.2.3', '10.1.2.3'],
    ['stripLastOctet', '10.1.2.3', '10.1.2.0'],
    ['stripLastOctet', '::ffff:10.1.2.3', '10.1.2.0'],
    ['stripLastOctet', '2001:db8::1', undefined],
    ['remove', '10.1.2.3', undefined],
    ['hush', '10.1.2.3', undefined],
  ])('under the policy %s knows of %s: %s', (policy, peer, ip) => {
    expect(deviceOf({ ...browser, 'x-ip-policy': policy }, peer, 0).ip).toBe(ip);
  });
});

describe('publicAddressOf', () => {
  it('is what the client asked, or, behind a proxy that is trusted, asked the proxy', () => {
    const headers = {
      host: 'inside:8080',
      'x-forwarded-host': 'collect.example',
      'x-forwarded-proto': 'https',
    };
    expect(publicAddressOf(headers, 0)).toEqual({ protocol: 'http', host: 'inside:8080' });
    expect(publicAddressOf(headers, 1)).toEqual({ protocol: 'https', host: 'collect.example' });
    expect(publicAddressOf({ host: '[::1]:8080' }, 0)?.host).toBe('[::1]:8080');
  });

  it('is nothing that a page should not be sent to', () => {
    for (const host of [undefined, '', 'a/b', 'a b', 'a@b', 'x"y', 'a:1:2'])
      expect(publicAddressOf(host === undefined ? {} : { host }, 0)).toBeUndefined();
  });
});
