import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import { messageOf, readTopic } from '@tributary/harness';
import { logBounds, type KafkaConnection } from '@tributary/kafka';
import { eventually } from '@tributary/testing';

const MORE = 500;
const WITHIN_MS = 120_000;

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
  const latest = new Map<string, AssignmentMessage>();
  const reasons: Record<string, number> = {};
  const former = new Set<string>();
  await readTopic(connection, TOPICS.assignments, (record) => {
    const said = messageOf(TOPICS.assignments, 'assignment@1', record);
    if (!said || said.version <= (latest.get(record.key)?.version ?? -1)) return;
    latest.set(record.key, said);
    reasons[said.reason] = (reasons[said.reason] ?? 0) + 1;
    for (const profileId of said.formerly) former.add(profileId);
  });
  const profiles = new Set([...latest.values()].map(({ profileId }) => profileId));
  return { reasons, profiles: profiles.size, retired: [...former].filter((id) => !profiles.has(id)).length };
}

/**
 * Resolves when identity has written some hundreds of assignments more than there were.
 *
 * @returns how many there are now
 * @throws Error when it has not within two minutes
 */
export async function moreAssigned(connection: KafkaConnection, before: number): Promise<number> {
  const count = async () => {
    const bounds = await logBounds(connection, TOPICS.assignments.name);
    return [...bounds.values()].reduce((sum, { end }) => sum + end, 0);
  };
  const until = (now: number) => now >= before + MORE;
  return eventually(count, { until, withinMs: WITHIN_MS, what: `${before + MORE} assignments` });
}
