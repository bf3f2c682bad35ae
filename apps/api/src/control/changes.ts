import type { ApiFailure } from '../http/api.errors.js';

export const UNAVAILABLE: ApiFailure = {
  code: 'unavailable',
  message: 'Kafka did not take the change in time; it may come into force later. Send it again.',
};

/** One change after the other, so that each is compared with the one before it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async take<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** The version of a definition as HTTP compares it. */
export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/** Why a change under `If-Match` is not made; `what` is as a reader calls it: `audience`. */
export function mismatchOf(
  what: string,
  stored: { readonly version: number } | undefined,
  ifMatch: string | undefined,
): ApiFailure | undefined {
  if (ifMatch === undefined) return undefined;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (stored && (tags.includes('*') || tags.includes(etagOf(stored)))) return undefined;
  return {
    code: 'precondition_failed',
    message: stored
      ? `The ${what} is at version ${etagOf(stored)} and If-Match asks for ${ifMatch}: read it again.`
      : `If-Match asks for ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} that is not there.`,
  };
}
