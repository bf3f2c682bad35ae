import { Injectable } from '@nestjs/common';
import type { Result } from '@tributary/kernel';
import { ApiError, type ApiFailure } from '../http/api.errors.js';
import { withAsOf, type HeldProfile } from './held-profile.js';
import { ProfilesService } from './profiles.service.js';

/** Of the profiles in an answer, together. */
export const BATCH_ANSWER_BYTES = 8_388_608;
/** Identifiers that are looked for at once. */
const AT_ONCE = 20;

const TOO_LARGE: ApiFailure = {
  code: 'payload_too_large',
  message: 'The answer is as large as it may be: ask for this one again.',
};

/** Many profiles in one answer. */
@Injectable()
export class ProfileBatches {
  constructor(private readonly profiles: ProfilesService) {}

  /** JSON: of each identifier, in their order, its profile or why there is none. */
  async answer(identifiers: readonly string[]): Promise<string> {
    const entries: string[] = [];
    let bytes = 0;
    for (let i = 0; i < identifiers.length; i += AT_ONCE) {
      const some = identifiers.slice(i, i + AT_ONCE);
      const found = await Promise.all(
        bytes < BATCH_ANSWER_BYTES ? some.map((identifier) => this.#find(identifier)) : [],
      );
      for (const [n, identifier] of some.entries()) {
        const result = found[n];
        const profile = result?.ok ? withAsOf(result.value) : undefined;
        const size = profile === undefined ? 0 : Buffer.byteLength(profile);
        const isTooLarge = !result || bytes + size > BATCH_ANSWER_BYTES;
        // Nothing after one that did not fit, so that the rest is the end of the list.
        bytes = isTooLarge ? BATCH_ANSWER_BYTES : bytes + size;
        entries.push(
          entryOf(identifier, isTooLarge ? TOO_LARGE : result.ok ? (profile ?? '') : result.error),
        );
      }
    }
    return `{"data":[${entries.join(',')}]}`;
  }

  /** One that cannot be read now does not fail the others. */
  async #find(identifier: string): Promise<Result<HeldProfile, ApiFailure>> {
    try {
      return await this.profiles.ofIdentifier(identifier);
    } catch (error) {
      if (error instanceof ApiError) return { ok: false, error: error.failure };
      throw error;
    }
  }
}

function entryOf(identifier: string, what: string | ApiFailure): string {
  const rest = typeof what === 'string' ? `"profile":${what}` : `"error":${JSON.stringify(what)}`;
  return `{"identifier":${JSON.stringify(identifier)},${rest}}`;
}
