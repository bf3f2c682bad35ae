import { ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import { pageOf, type ListScope } from '../../http/page.js';
import { NO_CURSOR, keyBefore } from '../../http/page.js';
import type { SegmentCursor, SegmentPage } from './segment.dto.js';

/** A part of a list, as Segment's clients read it. */
export interface Part<T> {
  readonly items: readonly T[];
  readonly cursor: SegmentCursor;
}

/** After which key the page begins that is asked for; empty: at the beginning. */
export function after({ next }: SegmentPage, scope: ListScope): Result<string, ApiFailure> {
  const found = keyBefore(next === '' ? undefined : next, scope);
  return found.ok ? found : { ...found, error: { ...NO_CURSOR, message: NEXT } };
}

const NEXT =
  'next is none that a page of this list gave: send its cursor.next as it is, with the same filters';

/** A page of what was read: one item more than the limit shows that there are more. */
export function partOf<T>(
  items: readonly T[],
  { limit }: SegmentPage,
  scope: ListScope & { readonly url: string },
  keyOf: (item: T) => string,
): Part<T> {
  const { data, cursor } = pageOf(items, limit, scope, keyOf);
  const { url } = scope;
  return { items: data, cursor: { url, has_more: cursor.hasMore, next: cursor.next ?? '', limit } };
}

/** A page of all that there is, in the order of its keys. */
export function partIn<T>(
  all: readonly T[],
  page: SegmentPage,
  scope: ListScope & { readonly url: string },
  keyOf: (item: T) => string,
): Result<Part<T>, ApiFailure> {
  const from = after(page, scope);
  if (!from.ok) return from;
  const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = sorted.filter((item) => keyOf(item) > from.value);
  return ok(partOf(rest, page, scope, keyOf));
}
