import { digest, failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from './api.errors.js';
import type { PageQuery } from './page.dto.js';

/** A part of a list that is in the order of a key. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly cursor: { readonly next: string | null; readonly hasMore: boolean };
}

/** Which list is paged through: its name, and by what it is filtered. A cursor is good for one of them alone. */
export interface ListScope {
  readonly list: string;
  readonly filter?: object;
}

/** What no list gave as a cursor, or another one. */
export const NO_CURSOR: ApiFailure = {
  code: 'invalid_request',
  message:
    'cursor is none that a page of this list gave: send its cursor.next as it is, with the same filters; leave it out for the first page',
  details: [{ field: 'cursor', message: 'is no cursor of this list and these filters' }],
};

/** A page of what was read: one item more than the limit shows that there are more. */
export function pageOf<T>(
  items: readonly T[],
  limit: number,
  scope: ListScope,
  keyOf: (item: T) => string,
): Page<T> {
  const data = items.slice(0, limit);
  const last = data.at(-1);
  const hasMore = items.length > limit;
  return {
    data,
    cursor: { next: hasMore && last !== undefined ? writeCursor(keyOf(last), scope) : null, hasMore },
  };
}

/** A page of all that there is; `all` is in the order of its keys. */
export function pageIn<T>(
  all: readonly T[],
  { limit, cursor }: PageQuery,
  scope: ListScope,
  keyOf: (item: T) => string,
): Result<Page<T>, ApiFailure> {
  const after = keyBefore(cursor, scope);
  if (!after.ok) return after;
  return ok(
    pageOf(
      all.filter((item) => keyOf(item) > after.value),
      limit,
      scope,
      keyOf,
    ),
  );
}

/** The key after which a page begins: the empty text, before all others, where there is no cursor. */
export function keyBefore(cursor: string | undefined, scope: ListScope): Result<string, ApiFailure> {
  if (cursor === undefined) return ok('');
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = text.slice(text.indexOf(' ') + 1);
  return key !== '' && writeCursor(key, scope) === cursor ? ok(key) : failed(NO_CURSOR);
}

function writeCursor(key: string, { list, filter = {} }: ListScope): string {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined);
  const sorted = set.sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(`${digest(JSON.stringify([list, sorted]))} ${key}`, 'utf8').toString('base64url');
}
