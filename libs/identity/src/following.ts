import { compareByDigest, type Identifier } from '@tributary/kernel';
import type { MessageContext } from './message-context.js';
import type { LinkFact, Received } from './messages.js';
import { forget } from './pending.js';
import type { HeldEligibility, ResolverState } from './resolver-state.js';

/** A link's fact, from what its owner and the other end hold of it. */
export function factOf(
  pair: LinkFact['pair'],
  eligible: boolean,
  mine: HeldEligibility,
  theirs: HeldEligibility,
  version: number,
): LinkFact {
  const firstSeen = Math.min(mine[0], theirs[0]);
  return { pair, eligible, firstSeen, endsFirstSeen: [mine[1], theirs[1]], version };
}

/** Where facts go: to the leader that answered last, if that is nearer to the last one. It passes on what it gets. */
export function upwards({ parent, answer }: ResolverState): Identifier {
  return answer && compareByDigest(answer.leader, parent) < 0 ? answer.leader : parent;
}

/**
 * Leaders only fall, so the smaller leader is the later one; of one leader's answers, the later offset. What a leader has
 * answered stays answered in all its later answers, in whatever order they arrive.
 */
export function follow(
  context: MessageContext,
  { leader, at, first, reason, answered }: Extract<Received, { kind: 'answer' }>,
): void {
  const { state } = context;
  const before = state.answer;
  if (before && compareByDigest(leader, before.leader) > 0) return;
  if (leader !== before?.leader || at > before.at) state.answer = { leader, at, first, reason };
  if (forget(state, answered)) context.isAnswered = true;
}
