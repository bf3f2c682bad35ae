import { isSameSecret } from './issued.js';

/** What is kept of an API token. Times are Unix time in milliseconds. */
export interface KeptToken {
  readonly digest: string;
  /** Of the secret before the last rotation, which is good until an instant. */
  readonly former?: { readonly digest: string; readonly until: number } | undefined;
  readonly expiresAt?: number | undefined;
  readonly revokedAt?: number | undefined;
}

/** Whether a token is good; `since`: Unix time in milliseconds. */
export type TokenState =
  | { readonly state: 'good' }
  | { readonly state: 'unknown' }
  | { readonly state: 'expired' | 'revoked' | 'rotated'; readonly since: number };

/**
 * How far a secret is good for a token, at an instant. Whoever has no secret of it learns nothing of the token;
 * `undefined`: it was shown before, for a session.
 */
export function lifeOf(token: KeptToken, secret: string | undefined, now: number): TokenState {
  const which = secret === undefined ? 'present' : matches(token, secret);
  if (which === undefined) return { state: 'unknown' };
  const { revokedAt, expiresAt, former } = token;
  if (revokedAt !== undefined) return { state: 'revoked', since: revokedAt };
  if (expiresAt !== undefined && expiresAt <= now) return { state: 'expired', since: expiresAt };
  if (which === 'former' && former && former.until <= now) return { state: 'rotated', since: former.until };
  return { state: 'good' };
}

/** Which of the secrets of a token one is; undefined: none. */
export function matches({ digest, former }: KeptToken, secret: string): 'present' | 'former' | undefined {
  if (isSameSecret(secret, digest)) return 'present';
  return former && isSameSecret(secret, former.digest) ? 'former' : undefined;
}
