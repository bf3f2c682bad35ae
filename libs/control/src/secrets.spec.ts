import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretKeys, Secrets, UnknownKeyError } from './secrets.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('Secrets', () => {
  it('read what they wrote, and write a text differently each time', () => {
    const secrets = new Secrets(key('k1'));
    const [one, other] = [secrets.encrypt('whsec_ä'), secrets.encrypt('whsec_ä')];
    expect(one).not.toBe(other);
    expect([secrets.decrypt(one), secrets.decrypt(other)]).toEqual(['whsec_ä', 'whsec_ä']);
    expect(one).not.toContain('whsec');
  });

  it('refuse what was tampered with, and what is not encrypted', () => {
    const secrets = new Secrets(key('k1'));
    const text = secrets.encrypt('secret');
    const [enc, format, id, coded = ''] = text.split(':');
    const bytes = Buffer.from(coded, 'base64');
    bytes[14] = (bytes[14] ?? 0) ^ 1;
    expect(() => secrets.decrypt([enc, format, id, bytes.toString('base64')].join(':'))).toThrow();
    expect(() => secrets.decrypt('secret')).toThrow('not encrypted');
  });

  it('read what an earlier key wrote as long as it is among them', () => {
    const [old, next] = [key('k1'), key('k2')];
    const text = new Secrets(old).encrypt('secret');
    const both = new Secrets(`${next},${old}`);
    expect(both.decrypt(text)).toBe('secret');
    expect([both.isCurrent(text), both.isCurrent(both.encrypt('secret'))]).toEqual([false, true]);
    expect(() => new Secrets(next).decrypt(text)).toThrow(UnknownKeyError);
  });

  it('have the keys of the settings, or one of the data folder, which nobody else reads', async () => {
    const TRIBUTARY_DATA = await mkdtemp(join(tmpdir(), 'control-keys-'));
    const [one, other] = await Promise.all([secretKeys({ TRIBUTARY_DATA }), secretKeys({ TRIBUTARY_DATA })]);
    expect(one).toBe(other);
    expect((await stat(join(TRIBUTARY_DATA, 'control-keys'))).mode & 0o077).toBe(0);
    expect(new Secrets(one).decrypt(new Secrets(one).encrypt('secret'))).toBe('secret');
    const CONTROL_SECRET_KEYS = key('k9');
    expect(await secretKeys({ TRIBUTARY_DATA, CONTROL_SECRET_KEYS })).toBe(CONTROL_SECRET_KEYS);
    await rm(TRIBUTARY_DATA, { recursive: true });
  });
});
