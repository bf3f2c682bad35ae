import type { ApiFailure } from '../http/api.errors.js';

/** The version of a definition as HTTP compares it. */
export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/** Headers under which alone a change is made; absent: in any case. */
export interface Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** Why a change is not made under its preconditions; `what` is as a reader calls it: `audience`. */
export function mismatchOf(
  what: string,
  stored: { readonly version: number } | undefined,
  { ifMatch, ifNoneMatch }: Preconditions,
): ApiFailure | undefined {
  return matchFailure(what, stored, ifMatch) ?? noneMatchFailure(what, stored, ifNoneMatch);
}

function noneMatchFailure(
  what: string,
  stored: { readonly version: number } | undefined,
  ifNoneMatch: string | undefined,
): ApiFailure | undefined {
  if (ifNoneMatch === undefined) return undefined;
  // This comparison is the weak one of RFC 9110, 8.8.3.2.
  const tags = tagsIn(ifNoneMatch).map((tag) => tag.replace(/^W\//, ''));
  if (!tags.every((tag) => tag === '*' || /^"[^"]*"$/.test(tag))) {
    const message = 'must be *, or ETags in quotes, such as "5"';
    const details = [{ field: 'If-None-Match', message }];
    return { code: 'invalid_request', message: `If-None-Match ${message}`, details };
  }
  if (!stored || !(tags.includes('*') || tags.includes(etagOf(stored)))) return undefined;
  const message = `Already there: the ${what}, at version ${etagOf(stored)}. If-None-Match asks to change nothing then.`;
  return { code: 'precondition_failed', message, details: { version: stored.version } };
}

function tagsIn(header: string): readonly string[] {
  return header.split(',').map((tag) => tag.trim());
}

function matchFailure(
  what: string,
  stored: { readonly version: number } | undefined,
  ifMatch: string | undefined,
): ApiFailure | undefined {
  if (ifMatch === undefined) return undefined;
  const tags = tagsIn(ifMatch);
  if (stored && (tags.includes('*') || tags.includes(etagOf(stored)))) return undefined;
  return {
    code: 'precondition_failed',
    message: stored
      ? `The ${what} is at version ${etagOf(stored)} and If-Match asks for ${ifMatch}: read it again.`
      : `If-Match asks for ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} that is not there.`,
    details: { version: stored?.version ?? null },
  };
}
