import type { KafkaConnection } from '@tributary/kafka';
import { eventually } from '@tributary/testing';

const WITHIN_MS = 300_000;
const POLL_MS = 1_000;
/** So long it must be found at rest: a hold of two seconds may lie between two processors. */
const QUIET_MS = 3_000;

/** A consumer group that services take part in; readers of a moment have groups of their own. */
const isOfService = (groupId: string) => !groupId.includes('-reader-');

/** The groups of the services. */
export async function groupsOf(connection: KafkaConnection): Promise<readonly string[]> {
  const { groups } = await connection.withAdmin((admin) => admin.listGroups());
  return groups.map(({ groupId }) => groupId).filter(isOfService);
}

/** `group topic/partition: lag` wherever there is some, and groups that have no members. */
async function lagsOf(connection: KafkaConnection, groups: readonly string[]): Promise<readonly string[]> {
  return connection.withAdmin(async (admin) => {
    const lags: string[] = [];
    const ends = new Map<string, number>();
    const endsOf = async (topic: string) => {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        ends.set(`${topic}/${partition}`, Number(high));
      }
    };
    const described = await admin.describeGroups([...groups]);
    for (const { groupId, state, members } of described.groups) {
      if (state !== 'Stable' || members.length === 0)
        lags.push(`${groupId}: ${state}, ${members.length} members`);
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        if (!ends.has(`${topic}/0`)) await endsOf(topic);
        for (const { partition, offset } of partitions) {
          const lag = (ends.get(`${topic}/${partition}`) ?? 0) - Math.max(0, Number(offset));
          if (lag > 0) lags.push(`${groupId} ${topic}/${partition}: ${lag}`);
        }
      }
    }
    return lags;
  });
}

/**
 * Resolves when every group has read all that there is, in every look of three seconds, within five minutes or so many times
 * as long.
 *
 * @throws Error naming who lags
 */
export async function comesToRest(
  connection: KafkaConnection,
  groups: readonly string[],
  patience = 1,
): Promise<void> {
  let quietSince = Infinity;
  const look = async () => {
    const lags = await lagsOf(connection, groups).catch((error: unknown) => [String(error)]);
    quietSince = lags.length === 0 ? Math.min(quietSince, performance.now()) : Infinity;
    return lags;
  };
  await eventually(look, {
    ...{
      until: () => performance.now() - quietSince >= QUIET_MS,
      withinMs: WITHIN_MS * patience,
      everyMs: POLL_MS,
    },
    what: 'the rest of the pipeline',
  });
}
