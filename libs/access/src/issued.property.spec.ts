import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSameSecret, issue, ISSUED_BYTES, readIssued, secretDigest } from './issued.js';

const bytes = fc.uint8Array({ minLength: ISSUED_BYTES, maxLength: ISSUED_BYTES });
const kinds = fc.constantFrom('token', 'session', 'link');

describe('what is issued', () => {
  it('is read as it was written, and as nothing of another kind', () => {
    fc.assert(
      fc.property(kinds, kinds, bytes, (kind, other, random) => {
        const { id, secret, text } = issue(kind, random);
        expect(readIssued(other, text)).toEqual(kind === other ? { id, secret } : undefined);
        expect(readIssued(kind, `${text}x`)).toBeUndefined();
        expect(readIssued(kind, text.slice(0, -1))).toBeUndefined();
      }),
    );
  });

  it('is known by its digest alone, which is not its text', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const [a, b] = [issue('token', one), issue('token', other)];
        const digest = secretDigest(a.secret);
        expect(digest).not.toContain(a.secret);
        expect(isSameSecret(a.secret, digest)).toBe(true);
        expect(isSameSecret(b.secret, digest)).toBe(a.secret === b.secret);
      }),
    );
  });

  it('keeps an id that is given, with another secret', () => {
    const random = new Uint8Array(ISSUED_BYTES).fill(7);
    expect(issue('token', random, '0123456789abcdef').text).toMatch(/^trb_0123456789abcdef_/);
  });

  it('takes no fewer random bytes', () => {
    expect(() => issue('token', new Uint8Array(ISSUED_BYTES - 1))).toThrow(RangeError);
  });
});
