import { TOPICS, type Topic } from '@tributary/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log/log.port.js';
import { VerifyError } from './verify.errors.js';

/** The consumer groups in the order in which an event goes through them, and what each makes of what it reads. */
const FLOW: readonly { readonly groupId: string; readonly reads: readonly Topic[] }[] = [
  { groupId: 'identity-observations', reads: [TOPICS.events] },
  { groupId: 'identity-resolver', reads: [TOPICS.links] },
  { groupId: 'profile-builder-fragments', reads: [TOPICS.events, TOPICS.assignments] },
  { groupId: 'profile-builder-profiles', reads: [TOPICS.fragments] },
  { groupId: 'profile-builder-accounts', reads: [TOPICS.accountFacts] },
  { groupId: 'segmentation-memberships', reads: [TOPICS.fragments] },
];

const TABLES: typeof FLOW = [
  { groupId: 'identity-tables', reads: [TOPICS.assignments] },
  { groupId: 'profile-builder-tables', reads: [TOPICS.events, TOPICS.profiles, TOPICS.accounts] },
  { groupId: 'segmentation-tables', reads: [TOPICS.memberships, TOPICS.changes] },
];

/** Identity's partitions answer one another; after so many rounds, what still grows is of later events. */
const LINK_ROUNDS = 10;
const POLL_MS = 100;

/** Of all groups, those of identity: nothing downstream has a say in who is one person. */
export const isOfIdentity = (groupId: string): boolean => groupId.startsWith('identity-');

/**
 * Waits until everything that the log has now has gone through the groups that are asked for: the ends are noted, group
 * by group, and then waited for.
 *
 * @throws VerifyError when a group does not come there within `settleMs`, or has never committed an offset
 */
export async function awaitFlow(
  log: Log,
  settleMs: number,
  isAsked: (groupId: string) => boolean,
): Promise<void> {
  const deadline = Date.now() + settleMs;
  for (const { groupId, reads } of FLOW) {
    if (!isAsked(groupId)) continue;
    const rounds = groupId === 'identity-resolver' ? LINK_ROUNDS : 1;
    for (let round = 0; round < rounds; round += 1) {
      const grown = await reachesEnds(log, groupId, reads, deadline);
      if (!grown) break;
    }
  }
}

/** Waits until the tables have what the topics have now; as {@link awaitFlow}. */
export async function awaitTables(
  log: Log,
  settleMs: number,
  isAsked: (groupId: string) => boolean,
): Promise<void> {
  const deadline = Date.now() + settleMs;
  for (const { groupId, reads } of TABLES)
    if (isAsked(groupId)) await reachesEnds(log, groupId, reads, deadline);
}

/** Answers whether it had to wait. */
async function reachesEnds(
  log: Log,
  groupId: string,
  topics: readonly Topic[],
  deadline: number,
): Promise<boolean> {
  let waited = false;
  for (const { name } of topics) {
    const bounds = await log.bounds(name);
    for (;;) {
      const reached = await log.reached(groupId, name);
      const behind = [...bounds].filter(([p, { start, end }]) => end > start && (reached.get(p) ?? 0) < end);
      if (behind.length === 0) break;
      if (Date.now() > deadline) throw new VerifyError(lateness(groupId, name, behind, reached));
      waited = true;
      await delay(POLL_MS);
    }
  }
  return waited;
}

function lateness(
  groupId: string,
  topic: string,
  behind: readonly (readonly [number, { readonly end: number }])[],
  reached: ReadonlyMap<number, number>,
): string {
  const places = behind.map(
    ([p, { end }]) => `partition ${p} is at ${reached.get(p) ?? 'no offset'} of ${end}`,
  );
  return (
    `${groupId} has not read ${topic} as far as it went when the verification began: ${places.join(', ')}. ` +
    'Is the service running? A longer --settle waits longer'
  );
}
