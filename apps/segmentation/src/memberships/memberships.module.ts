import { validateFragment, TOPICS } from '@tributary/contracts';
import { logBounds, readPartition } from '@tributary/kafka';
import { ProcessorModule, type ProcessorSetup } from '@tributary/processing';
import { randomUUID } from 'node:crypto';
import { AudiencesInForce } from '../audiences/audiences-in-force.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';
import { toEpochRecord } from './records.js';

const FRAGMENTS = TOPICS.fragments.name;
const MEMBERSHIPS = TOPICS.memberships.name;

/** profile.fragments.v1 and the definitions in force → audience.memberships.v1. */
export const MembershipsModule = ProcessorModule.register<
  SegmentationConfig,
  MembershipsState,
  AudiencesInForce
>({
  name: 'memberships',
  groupId: 'segmentation-memberships',
  inputs: [{ topic: TOPICS.fragments, validate: validateFragment }],
  publishes: [TOPICS.memberships],
  owns: [TOPICS.memberships],
  cacheBytes: (config) => config.SEGMENTATION_CACHE_BYTES,
  definitions: {
    name: 'audiences-in-force',
    follow: (connection, onUnreadable, onFatal) => new AudiencesInForce(connection, onUnreadable, onFatal),
  },
  processor: (setup) => {
    const { connection, definitions, now } = setup;
    return (context) =>
      new MembershipsProcessor(context, {
        now,
        audiences: definitions.all,
        beginEpoch: (partition) => beginEpoch(setup, partition),
        readMemberships: (partition, from, to, onRecord) =>
          readPartition(connection, { topic: MEMBERSHIPS, partition, from, to }, onRecord),
        fragmentsEnd: async (partition) => (await logBounds(connection, FRAGMENTS)).get(partition)?.end ?? 0,
      });
  },
});

async function beginEpoch(
  { send, now }: Pick<ProcessorSetup<SegmentationConfig, AudiencesInForce>, 'send' | 'now'>,
  partition: number,
): Promise<number> {
  const [offset] = await send([toEpochRecord(partition, randomUUID(), now())]);
  if (offset === undefined)
    throw new Error(`the epoch record of memberships partition ${partition} was not acknowledged`);
  return offset;
}
