import { createHash, timingSafeEqual } from 'node:crypto';

/** What is given out: API tokens, sessions, and links that are good once. */
export const ISSUED_PREFIX = { token: 'trb', session: 'trs', link: 'trl' } as const;
export type IssuedKind = keyof typeof ISSUED_PREFIX;

/** An id to find it by, and a secret that is kept as a digest alone. */
export interface Issued {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** 43 characters of base64url: 32 random bytes. */
  readonly secret: string;
}

const ID_BYTES = 8;
const SECRET_BYTES = 32;
/** How many random bytes {@link issue} takes. */
export const ISSUED_BYTES = ID_BYTES + SECRET_BYTES;

/**
 * A new one from 40 random bytes, and its text: `trb_<id>_<secret>`. `id`: another secret of the one that is there.
 *
 * @throws RangeError where there are fewer bytes
 */
export function issue(kind: IssuedKind, random: Uint8Array, id?: string): Issued & { readonly text: string } {
  if (random.length < ISSUED_BYTES) throw new RangeError(`${ISSUED_BYTES} random bytes are needed`);
  const bytes = Buffer.from(random);
  const own = id ?? bytes.toString('hex', 0, ID_BYTES);
  const secret = bytes.subarray(ID_BYTES, ISSUED_BYTES).toString('base64url');
  return { id: own, secret, text: `${ISSUED_PREFIX[kind]}_${own}_${secret}` };
}

const TEXT = /^(tr[bsl])_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** Reads the text of one; undefined where it is none of this kind. */
export function readIssued(kind: IssuedKind, text: string): Issued | undefined {
  const [, prefix, id, secret] = TEXT.exec(text) ?? [];
  return prefix === ISSUED_PREFIX[kind] && id !== undefined && secret !== undefined
    ? { id, secret }
    : undefined;
}

/** What is kept of a secret. It has 256 random bits: nobody tries them all, and a slow hash would add nothing. */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a secret is the one of a digest, in a time that says nothing. */
export function isSameSecret(secret: string, digest: string): boolean {
  const [a, b] = [Buffer.from(secretDigest(secret)), Buffer.from(digest)];
  return a.length === b.length && timingSafeEqual(a, b);
}
