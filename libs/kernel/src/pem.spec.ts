import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { pemProblem } from './pem.js';

const [first = '', second = ''] = rootCertificates;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = { type: 'pkcs8', format: 'pem' } as const;
const key = privateKey.export(pem).toString();
const locked = privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'x' }).toString();

describe('pemProblem', () => {
  it.each([
    ['a certificate', 'certificates', first],
    ['several certificates, with text around them', 'certificates', `roots:\n${first}\n\n${second}\n`],
    ['a key', 'key', key],
  ] as const)('has nothing against %s', (_, content, text) => {
    expect(pemProblem(text, content)).toBeUndefined();
  });

  it.each([
    ['nothing', 'certificates', '', 'holds no PEM certificate'],
    ['a key for a certificate', 'certificates', key, 'holds no PEM certificate'],
    [
      'a certificate that is cut off',
      'certificates',
      `${first}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
      /^holds a PEM certificate that cannot be read \(.+\)$/,
    ],
    ['a certificate for a key', 'key', first, /^holds no PEM key .*\(.+\)$/],
    ['a key behind a passphrase', 'key', locked, /^holds no PEM key that can be read without a passphrase/],
  ] as const)('says why where the text is %s', (_, content, text, why) => {
    expect(pemProblem(text, content)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  });
});
