import { describe, expect, it } from '@jest/globals';
import type { AccessRequest } from './caller.js';
import { addressOf, isFromThisMachine, isSameOrigin } from './request-origin.js';

const request = (headers: Readonly<Record<string, string>>, ip = '127.0.0.1'): AccessRequest => ({
  method: 'POST',
  url: '/',
  ip,
  headers: { host: '127.0.0.1:8081', ...headers },
});

describe('a request', () => {
  it.each([
    ['of a program', {}],
    ['by the name of the machine', { host: 'localhost:8081' }],
    ['of the api’s own page', { origin: 'http://127.0.0.1:8081', 'sec-fetch-site': 'same-origin' }],
    ['that somebody typed into a browser', { 'sec-fetch-site': 'none' }],
  ])('%s at this machine is from it', (_, headers) => {
    expect(isFromThisMachine(request(headers))).toBe(true);
  });

  it.each([
    ['to another name that leads here', { host: 'rebound.example.com:8081' }],
    ['through a proxy', { 'x-forwarded-for': '203.0.113.5' }],
    ['through a proxy of RFC 7239', { forwarded: 'for=203.0.113.5' }],
    ['of a page of another site', { origin: 'https://evil.example.com' }],
    ['of a page that hides its origin', { origin: 'null' }],
    ['of a page of another port', { origin: 'http://127.0.0.1:3000' }],
    ['of an image of another site', { 'sec-fetch-site': 'cross-site' }],
  ])('%s is not', (_, headers) => {
    expect(isFromThisMachine(request(headers))).toBe(false);
  });

  it('from another address is not from this machine', () => {
    expect(isFromThisMachine(request({}, '10.0.0.7'))).toBe(false);
    expect(isFromThisMachine(request({}, '::1'))).toBe(true);
    expect(isFromThisMachine(request({}, '::ffff:127.0.0.1'))).toBe(true);
  });

  it('is of the same origin as the host that it names, or as the public address', () => {
    expect(isSameOrigin(request({ origin: 'http://127.0.0.1:8081' }), undefined)).toBe(true);
    expect(isSameOrigin(request({ origin: 'https://cdp.example.com' }), 'https://cdp.example.com')).toBe(
      true,
    );
    expect(isSameOrigin(request({ origin: 'https://cdp.example.com.evil' }), 'https://cdp.example.com')).toBe(
      false,
    );
    expect(isSameOrigin(request({}), undefined)).toBe(false);
  });

  it('has the address that the last believed proxy saw', () => {
    const forwarded = request({ 'x-forwarded-for': 'made-up, 203.0.113.5' }, '10.0.0.1');
    expect(addressOf(forwarded, 0)).toBe('10.0.0.1');
    expect(addressOf(forwarded, 1)).toBe('203.0.113.5');
  });
});
