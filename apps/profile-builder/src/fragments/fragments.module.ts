import { validateAssignment, TOPICS } from '@tributary/contracts';
import { logBounds, readPartition } from '@tributary/kafka';
import { ProcessorModule } from '@tributary/processing';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { validateEventOrAggregate } from './records.js';
import { FragmentsProcessor, type FragmentsState } from './fragments.processor.js';

const EVENTS = TOPICS.events.name;

/** events.v1 and identity.assignments.v1 → profile.fragments.v1: what each identifier knows, published where it belongs. */
export const FragmentsModule = ProcessorModule.register<ProfileBuilderConfig, FragmentsState>({
  name: 'fragments',
  groupId: 'profile-builder-fragments',
  inputs: [
    { topic: TOPICS.events, validate: validateEventOrAggregate },
    { topic: TOPICS.assignments, validate: validateAssignment },
  ],
  publishes: [TOPICS.fragments],
  changelog: TOPICS.fragmentsState,
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  processor:
    ({ config, connection, now }) =>
    (context) =>
      new FragmentsProcessor(context, {
        holdMs: config.PROFILE_BUILDER_HOLD_MS,
        now,
        readEvents: async (from, to, onRecord) => {
          const { partition } = context;
          const start = (await logBounds(connection, EVENTS)).get(partition)?.start ?? 0;
          await readPartition(
            connection,
            { topic: EVENTS, partition, from: Math.max(from, start), to },
            onRecord,
          );
        },
      }),
});
