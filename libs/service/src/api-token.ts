import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * A token for one purpose, made of the token of the API: who learns it can do nothing else with it. For what is sent to
 * an address that others have said.
 */
export function tokenFor(purpose: string, apiToken: string): string {
  return createHmac('sha256', apiToken).update(purpose).digest('base64url');
}

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
