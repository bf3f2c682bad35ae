import { createHash, timingSafeEqual } from 'node:crypto';

/** The token by which the api is known to the services that it asks. */
export class ApiToken {
  readonly #expected: Buffer;

  constructor(token: string) {
    this.#expected = digestOf(`Bearer ${token}`);
  }

  /** Whether a header `Authorization` has it, as bearer. */
  isIn(authorization = ''): boolean {
    return timingSafeEqual(digestOf(authorization), this.#expected);
  }
}

/** Of one length whatever the text's, so that comparing tells nothing. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
