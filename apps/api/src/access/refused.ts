/** Why somebody is not known by what they sent; `message` is a sentence. */
export interface Refused {
  readonly reason: 'unknown' | 'expired' | 'revoked' | 'rotated' | 'disabled';
  readonly message: string;
}
