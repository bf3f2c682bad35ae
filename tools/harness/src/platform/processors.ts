import { TOPICS } from '@tributary/contracts';
import { groupOffsets, logBounds, type KafkaConnection } from '@tributary/kafka';
import type { ServiceName } from '@tributary/supervisor';
import { eventually } from '@tributary/testing';
import type { OwnPlatform } from './own-platform.js';

/** The processors, in the order in which facts go through them. */
export const PROCESSORS = [
  {
    service: 'identity',
    /** The consumer group whose offsets tell how far it is. */
    group: 'identity-observations',
    /** Of its checkpoints, under `state/`. */
    folder: 'identity-observations',
    inputs: [TOPICS.events],
  },
  {
    service: 'identity',
    group: 'identity-resolver',
    folder: 'identity-resolver',
    inputs: [TOPICS.links],
  },
  {
    service: 'profile-builder',
    group: 'profile-builder-fragments',
    folder: 'fragments',
    inputs: [TOPICS.events, TOPICS.assignments],
  },
  {
    service: 'profile-builder',
    group: 'profile-builder-profiles',
    folder: 'profiles',
    inputs: [TOPICS.fragments],
  },
  {
    service: 'segmentation',
    group: 'segmentation-memberships',
    folder: 'memberships',
    inputs: [TOPICS.fragments],
  },
  { service: 'segmentation', group: 'segmentation-changes', folder: 'changes', inputs: [TOPICS.memberships] },
] as const;

export type Processor = (typeof PROCESSORS)[number];

/** The services that fold the log, in the order in which facts go through them. */
export const FOLDING_SERVICES = ['identity', 'profile-builder', 'segmentation'] as const;

export type FoldingService = (typeof FOLDING_SERVICES)[number];

/** The records that a group has not committed yet, over all of its inputs. Processors commit when they checkpoint. */
async function lagOf(connection: KafkaConnection, { group, inputs }: Processor): Promise<number> {
  let lag = 0;
  for (const { name } of inputs) {
    const reached = await groupOffsets(connection, group, name);
    for (const [partition, { start, end }] of await logBounds(connection, name))
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
  { connection, assertAllRun }: OwnPlatform<S>,
  services: readonly FoldingService[] = FOLDING_SERVICES,
  stalledMs = 60_000,
): Promise<void> {
  for (const processor of PROCESSORS.filter(({ service }) => services.includes(service)))
    await eventually(() => lagOf(connection, processor), {
      ...{ left: (lag) => lag, withinMs: stalledMs, unless: assertAllRun },
      what: `the end of the lag of ${processor.group}`,
    });
}
