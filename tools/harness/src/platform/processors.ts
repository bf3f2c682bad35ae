import { TOPICS, type Topic } from '@tributary/contracts';
import { groupOffsets, logBounds, type KafkaConnection } from '@tributary/kafka';
import type { ServiceName } from '@tributary/supervisor';
import { eventually } from '@tributary/testing';
import type { OwnPlatform } from './own-platform.js';

/** The services that fold the log, in the order in which facts go through them. */
export const FOLDING_SERVICES = ['identity', 'profile-builder', 'segmentation'] as const;

export type FoldingService = (typeof FOLDING_SERVICES)[number];

/** A processor, as it is seen from outside. */
export interface Processor {
  readonly service: FoldingService;
  /** The consumer group whose offsets tell how far it is. */
  readonly group: string;
  /** Of its checkpoints, under `state/`. */
  readonly folder: string;
  readonly inputs: readonly Topic[];
}

/** The processors, in the order in which facts go through them. */
export const PROCESSORS: readonly Processor[] = [
  processor('identity', 'identity-observations', 'identity-observations', TOPICS.events, TOPICS.partings),
  processor('identity', 'identity-resolver', 'identity-resolver', TOPICS.links),
  processor('profile-builder', 'profile-builder-fragments', 'fragments', TOPICS.events, TOPICS.assignments),
  processor('profile-builder', 'profile-builder-profiles', 'profiles', TOPICS.fragments),
  processor('profile-builder', 'profile-builder-accounts', 'accounts', TOPICS.accountFacts),
  processor('segmentation', 'segmentation-memberships', 'memberships', TOPICS.fragments),
];

function processor(
  service: FoldingService,
  group: string,
  folder: string,
  ...inputs: readonly Topic[]
): Processor {
  return { service, group, folder, inputs };
}

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
