import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import { logBounds, readRanges, type KafkaConnection } from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';

const MORE = 500;
const WITHIN_MS = 120_000;
const POLL_MS = 200;

/** What identity said, as far as it is shown. */
export interface Told {
  /** Records by reason, repetitions of a version not among them. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Of the identifiers that were assigned to one. */
  readonly profiles: number;
  /** Profiles that somebody was assigned to and to which nobody belongs now. */
  readonly retired: number;
}

/** Reads the assignments of everybody. */
export async function readTold(connection: KafkaConnection): Promise<Told> {
  const topic = TOPICS.assignments.name;
  const bounds = await logBounds(connection, topic);
  const ranges = new Map([...bounds].map(([p, { start, end }]) => [p, { from: start, to: end }] as const));
  const latest = new Map<string, AssignmentMessage>();
  const reasons: Record<string, number> = {};
  const former = new Set<string>();
  await readRanges(connection, topic, ranges, ({ key, value }) => {
    const said = JSON.parse(value?.toString('utf8') ?? 'null') as AssignmentMessage | null;
    if (!said || said.version <= (latest.get(key)?.version ?? -1)) return;
    latest.set(key, said);
    reasons[said.reason] = (reasons[said.reason] ?? 0) + 1;
    for (const profileId of said.formerly) former.add(profileId);
  });
  const profiles = new Set([...latest.values()].map(({ profileId }) => profileId));
  return { reasons, profiles: profiles.size, retired: [...former].filter((id) => !profiles.has(id)).length };
}

/**
 * Resolves when identity has written some hundreds of assignments more than there were, or after two minutes.
 *
 * @returns how many there are now
 */
export async function moreAssigned(connection: KafkaConnection, before: number): Promise<number> {
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    const bounds = await logBounds(connection, TOPICS.assignments.name);
    const count = [...bounds.values()].reduce((sum, { end }) => sum + end, 0);
    if (count >= before + MORE || performance.now() > until) return count;
    await delay(POLL_MS);
  }
}
