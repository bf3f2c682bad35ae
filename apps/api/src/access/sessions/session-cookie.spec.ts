import { describe, expect, it } from '@jest/globals';
import { readSettings, type HttpReply } from '@tributary/service';
import { API_SETTINGS } from '../../api.config.js';
import { SessionCookie } from './session-cookie.js';

const SERVERS = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  CLICKHOUSE_URL: 'http://127.0.0.1:8123',
  DATABASE_URL: 'postgres://127.0.0.1/x',
  TRIBUTARY_API_TOKEN: 'mine',
  TRIBUTARY_WRITE_KEY: 'mine-too',
};

function cookieUnder(settings: Readonly<Record<string, string>>): string {
  const config = readSettings(API_SETTINGS, { ...SERVERS, ...settings });
  if (!config.ok) throw new Error(config.error.join('; '));
  let cookie = '';
  const reply: HttpReply = {
    status: () => reply,
    header: (_name, value) => {
      cookie = value;
      return reply;
    },
    send: () => reply,
  };
  new SessionCookie(config.value).set(reply, 'text', 60);
  return cookie;
}

describe('the cookie of a session', () => {
  it.each([
    ['on loopback', {}, 'tributary_session=text; Max-Age=60; Path=/; HttpOnly; SameSite=Lax'],
    [
      'on another address',
      { BIND_ADDRESS: '0.0.0.0' },
      '__Host-tributary_session=text; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure',
    ],
    [
      'on loopback behind a proxy with TLS',
      { API_PUBLIC_URL: 'https://cdp.example.com' },
      '__Host-tributary_session=text; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure',
    ],
  ])('%s is as safe as can be', (_, settings, cookie) => {
    expect(cookieUnder(settings)).toBe(cookie);
  });
});
