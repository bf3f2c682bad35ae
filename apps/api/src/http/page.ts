import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from './api.errors.js';

/** A part of a list that is in the order of a key. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly cursor: { readonly next: string | null; readonly hasMore: boolean };
}

/** A page of what was read: one item more than the limit tells that there are more. */
export function pageOf<T>(items: readonly T[], limit: number, keyOf: (item: T) => string): Page<T> {
  const data = items.slice(0, limit);
  const last = data.at(-1);
  const hasMore = items.length > limit;
  return {
    data,
    cursor: { next: hasMore && last !== undefined ? writeCursor(keyOf(last)) : null, hasMore },
  };
}

/** The key after which a page begins: the empty text, before all others, where there is no cursor. */
export function keyBefore(cursor: string | undefined): Result<string, ApiFailure> {
  if (cursor === undefined) return ok('');
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (key !== '' && writeCursor(key) === cursor) return ok(key);
  return failed({
    code: 'invalid_request',
    message: 'cursor is none that a page of this list gave: send its cursor.next as it is',
    details: [{ field: 'cursor', message: 'is not a cursor' }],
  });
}

function writeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}
