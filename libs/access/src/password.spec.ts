import { describe, expect, it } from '@jest/globals';
import { hashPassword, passwordFault, SALT_BYTES, verifyPassword } from './password.js';

const QUICK = { memoryKiB: 64, passes: 1, parallelism: 1 };
const SALT = new Uint8Array(SALT_BYTES).fill(3);

describe('a password', () => {
  it('is the one of its hash, and no other is', async () => {
    const hash = await hashPassword('correct horse battery', SALT, QUICK);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterY', hash)).toBe(false);
  });

  it('is verified at the cost that its hash names, and hashed at the one of OWASP', async () => {
    const hash = await hashPassword('correct horse battery', SALT);
    expect(hash).toContain('$m=19456,t=2,p=1$');
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
  });

  it('agrees with the reference implementation of argon2id', async () => {
    const reference = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await verifyPassword('password', reference)).toBe(true);
  });

  it('is the same however a keyboard composes it', async () => {
    const hash = await hashPassword('caf\u00e9 au lait \u00e0 midi', SALT, QUICK);
    expect(await verifyPassword('cafe\u0301 au lait a\u0300 midi', hash)).toBe(true);
  });

  it('is never the one of what is no hash', async () => {
    for (const text of ['', 'x', '$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA', '$argon2id$v=19$m=64,t=1,p=1$$'])
      expect(await verifyPassword('', text)).toBe(false);
  });

  it.each([
    ['eleven char', 'must be 12 to 200'],
    ['x'.repeat(201), 'must be 12 to 200'],
    ['abababababababab', 'five different'],
    ['annabel@example.com', 'email'],
    ['Annabel12345', 'email'],
  ])('such as %s is not taken', (password, fault) => {
    expect(passwordFault(password, 'annabel@example.com')).toContain(fault);
  });

  it('that is long is taken', () => {
    expect(passwordFault('correct horse battery', 'ann@example.com')).toBeUndefined();
  });
});
