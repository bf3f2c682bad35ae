import { TOPICS } from '@tributary/contracts';
import { logBounds, type KafkaConnection } from '@tributary/kafka';
import type { Platform, ServiceName } from '@tributary/supervisor';
import { setTimeout as pause } from 'node:timers/promises';
import { assertAllRun } from './all-run.js';

/** A processor: the consumer group whose offsets tell how far it is, and the folder of its checkpoints. */
interface Processor {
  readonly group: string;
  readonly folder: string;
  readonly inputs: readonly { readonly name: string }[];
}

/** The services that fold the log. */
export type FoldingService = 'identity' | 'profile-builder' | 'segmentation';

/** The processors of each service, in the order in which facts go through them. */
export const PROCESSORS: Readonly<Record<FoldingService, readonly Processor[]>> = {
  identity: [
    { group: 'identity-observations', folder: 'identity-observations', inputs: [TOPICS.events] },
    { group: 'identity-resolver', folder: 'identity-resolver', inputs: [TOPICS.links] },
  ],
  'profile-builder': [
    { group: 'profile-builder-fragments', folder: 'fragments', inputs: [TOPICS.events, TOPICS.assignments] },
    { group: 'profile-builder-profiles', folder: 'profiles', inputs: [TOPICS.fragments] },
  ],
  segmentation: [
    { group: 'segmentation-memberships', folder: 'memberships', inputs: [TOPICS.fragments] },
    { group: 'segmentation-changes', folder: 'changes', inputs: [TOPICS.memberships] },
  ],
};

const POLL_MS = 200;

/** The records that a group has not committed yet, over all of its inputs. Processors commit when they checkpoint. */
async function lagOf(connection: KafkaConnection, { group, inputs }: Processor): Promise<number> {
  const topics = inputs.map(({ name }) => name);
  const committed = await connection.withAdmin((admin) => admin.fetchOffsets({ groupId: group, topics }));
  let lag = 0;
  for (const topic of topics) {
    const ends = await logBounds(connection, topic);
    const offsets = committed.find((of) => of.topic === topic)?.partitions ?? [];
    const reached = new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
    for (const [partition, { start, end }] of ends)
      lag += end - Math.max(start, Math.min(end, reached.get(partition) ?? start));
  }
  return lag;
}

/**
 * Waits until these services have folded everything that is in their inputs. Upstream first, so that nothing can come
 * in behind it.
 *
 * @throws Error when no processor's lag falls for `stalledMs`, or a process has ended
 */
export async function caughtUp<S extends ServiceName>(
  { connection, platform }: { readonly connection: KafkaConnection; readonly platform: Platform<S> },
  services: readonly FoldingService[],
  stalledMs = 60_000,
): Promise<void> {
  for (const processor of services.flatMap((service) => PROCESSORS[service])) {
    let least = Infinity;
    let movedAt = performance.now();
    for (;;) {
      const lag = await lagOf(connection, processor);
      if (lag === 0) break;
      if (lag < least) movedAt = performance.now();
      least = Math.min(least, lag);
      if (performance.now() - movedAt > stalledMs)
        throw new Error(
          `${processor.group} has ${lag} records before it, no fewer than ${stalledMs / 1_000} s ago`,
        );
      await assertAllRun(platform);
      await pause(POLL_MS);
    }
  }
}
