import type { OutgoingRecord } from '@tributary/kafka';
import {
  ACCOUNTS_GROUP,
  parseScopedKey,
  profileIdOf,
  SEEN_GROUP,
  TRAITS_GROUP,
  type Identifier,
} from '@tributary/kernel';
import { forget, removed, type PlacedFragment } from '@tributary/profiles';
import { toFragmentRecord } from './records.js';

/** What removes an identifier from where it was told. `aggregates`: the groups of all that may have been. */
export function removalsOf(
  key: string,
  placed: PlacedFragment,
  aggregates: readonly string[],
): readonly OutgoingRecord[] {
  const { workspaceId, id } = parseScopedKey(key);
  const own = () => profileIdOf(workspaceId, id);
  return forget(id as Identifier, own, placed, aggregates).map((group) =>
    toFragmentRecord(workspaceId, group),
  );
}

/**
 * Of an identifier that was forgotten, and that identity says to belong elsewhere than it is told: a life before this one may
 * have read that before the erasure, and told facts there.
 */
export function leftoversOf(
  key: string,
  { assignment, home }: PlacedFragment,
  aggregates: readonly string[],
): readonly OutgoingRecord[] {
  if (!assignment || home?.profileId === assignment.profileId) return [];
  const { workspaceId, id } = parseScopedKey(key);
  const groups = [...aggregates, TRAITS_GROUP, ACCOUNTS_GROUP, SEEN_GROUP];
  return removed(id as Identifier, assignment.profileId, groups).map((group) =>
    toFragmentRecord(workspaceId, group),
  );
}
