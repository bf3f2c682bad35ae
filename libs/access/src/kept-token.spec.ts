import { describe, expect, it } from '@jest/globals';
import { secretDigest } from './issued.js';
import { lifeOf } from './kept-token.js';

const digest = secretDigest('present');
const former = { digest: secretDigest('former'), until: 1_000 };

describe('the life of a token', () => {
  it('is good with its secret', () => {
    expect(lifeOf({ digest }, 'present', 0)).toEqual({ state: 'good' });
  });

  it('is good with the secret before a rotation until its time ends, and with the new one all the while', () => {
    expect(lifeOf({ digest, former }, 'former', 999)).toEqual({ state: 'good' });
    expect(lifeOf({ digest, former }, 'present', 999)).toEqual({ state: 'good' });
    expect(lifeOf({ digest, former }, 'former', 1_000)).toEqual({ state: 'rotated', since: 1_000 });
    expect(lifeOf({ digest, former }, 'present', 1_000)).toEqual({ state: 'good' });
  });

  it('ends when it expires, and when it is revoked', () => {
    expect(lifeOf({ digest, expiresAt: 5 }, 'present', 4)).toEqual({ state: 'good' });
    expect(lifeOf({ digest, expiresAt: 5 }, 'present', 5)).toEqual({ state: 'expired', since: 5 });
    expect(lifeOf({ digest, former, revokedAt: 3 }, 'former', 4)).toEqual({ state: 'revoked', since: 3 });
  });

  it('is said to nobody who has no secret of it', () => {
    expect(lifeOf({ digest, former, revokedAt: 3 }, 'other', 4)).toEqual({ state: 'unknown' });
  });

  it('is that of the token alone, for a session that was opened with it', () => {
    expect(lifeOf({ digest, former }, undefined, 2_000)).toEqual({ state: 'good' });
    expect(lifeOf({ digest, expiresAt: 5 }, undefined, 5)).toEqual({ state: 'expired', since: 5 });
  });
});
