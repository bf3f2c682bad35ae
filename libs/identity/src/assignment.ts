import { baseOf, profileIdOf, type Identifier } from '@tributary/kernel';
import type { Assignment, ResolverState } from './resolver-state.js';

/**
 * The identifier's assignment, where its profile or `resolvedThrough` is another than it last published. To be
 * called after each message; `offset` is the last one applied, and becomes the version.
 */
export function assign(
  workspaceId: string,
  me: Identifier,
  state: ResolverState,
  offset: number,
): Assignment | undefined {
  const before = state.assignment;
  const resolvedThrough = state.resolved ?? -1;
  if (!before && !state.answer && resolvedThrough < 0) return undefined;
  const own = profileIdOf(workspaceId, me);
  const profileId = state.answer ? profileIdOf(workspaceId, baseOf(state.answer.first)) : own;
  const isKnown =
    profileId === (before?.profileId ?? own) && resolvedThrough <= (before?.resolvedThrough ?? -1);
  if (isKnown && (before || !state.answer)) return undefined;
  const formerly = lately([...new Set([...(before?.formerly ?? [own]), profileId])]);
  const reason = state.answer?.reason ?? 'alone';
  state.assignment = { profileId, version: offset, reason, formerly, resolvedThrough };
  return state.assignment;
}

/** Who is moved on and on is named by where it began, and by where it was last. */
const MOST_FORMER = 200;

function lately(formerly: readonly string[]): readonly string[] {
  return formerly.length <= MOST_FORMER
    ? formerly
    : [...formerly.slice(0, 1), ...formerly.slice(1 - MOST_FORMER)];
}
