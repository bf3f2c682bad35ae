import { Module } from '@nestjs/common';
import { validateAssignment, TOPICS } from '@tributary/contracts';
import { KafkaConnection, logBounds, readPartition } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, ProcessorNews } from '@tributary/service';
import { ProcessorGroup, type PartitionContext } from '@tributary/state';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { FragmentsConsumer } from './fragments.consumer.js';
import { FRAGMENTS_GROUP } from './fragments.group.js';
import { validateEventOrAggregate } from './records.js';
import { FragmentsProcessor, type FragmentsState } from './fragments.processor.js';

const EVENTS = TOPICS.events.name;

function makeGroup(
  config: ProfileBuilderConfig,
  connection: KafkaConnection,
  clock: Clock,
  news: ProcessorNews,
) {
  const now = () => clock.now();
  const processor = (context: PartitionContext<FragmentsState>) =>
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
    });
  return new ProcessorGroup<FragmentsState>({
    name: 'fragments',
    groupId: 'profile-builder-fragments',
    transportId: FRAGMENTS_GROUP,
    connection,
    dataDir: config.TRIBUTARY_DATA,
    layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
    inputs: [EVENTS, TOPICS.assignments.name],
    changelog: TOPICS.fragmentsState,
    validators: { [EVENTS]: validateEventOrAggregate, [TOPICS.assignments.name]: validateAssignment },
    onDeadLetter: news.deadLetter,
    onLag: news.lag,
    onRepaired: news.repaired,
    cacheBytes: config.PROFILE_BUILDER_CACHE_BYTES,
    processor,
    onFatal: endProcess,
    now,
  });
}

/** events.v1 and identity.assignments.v1 → profile.fragments.v1: what each identifier knows, published where it belongs. */
@Module({
  imports: [KafkaModule],
  controllers: [FragmentsConsumer],
  providers: [
    {
      provide: FRAGMENTS_GROUP,
      inject: [CONFIG, KafkaConnection, CLOCK, ProcessorNews],
      useFactory: makeGroup,
    },
  ],
})
export class FragmentsModule {}
