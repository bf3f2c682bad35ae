import { validateFragment, TOPICS } from '@tributary/contracts';
import type { Logs } from '@tributary/kafka';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import { randomUUID } from 'node:crypto';
import { AudiencesInForce } from '../audiences/audiences-in-force.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';
import { toEpochRecord } from './records.js';

const FRAGMENTS = TOPICS.fragments.name;

/** profile.fragments.v1 and the definitions in force → audience.memberships.v1. */
export const MEMBERSHIPS: ProcessorDeclaration<
  Pick<SegmentationConfig, 'SEGMENTATION_CACHE_BYTES'>,
  MembershipsState,
  AudiencesInForce
> = {
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
  processor:
    ({ logs, definitions, now }) =>
    (context) =>
      new MembershipsProcessor(context, {
        now,
        audiences: definitions.all,
        beginEpoch: (partition) => beginEpoch(logs, partition, now()),
        readMemberships: (partition, from, to, onRecord) =>
          logs.read({ topic: TOPICS.memberships.name, partition, from, to }, onRecord),
        fragmentsEnd: async (partition) => (await logs.bounds(FRAGMENTS)).get(partition)?.end ?? 0,
      }),
};

export const MembershipsModule = ProcessorModule.register(MEMBERSHIPS);

async function beginEpoch(logs: Logs, partition: number, now: number): Promise<number> {
  const [offset] = await logs.send([toEpochRecord(partition, randomUUID(), now)]);
  if (offset === undefined)
    throw new Error(`the epoch record of memberships partition ${partition} was not acknowledged`);
  return offset;
}
