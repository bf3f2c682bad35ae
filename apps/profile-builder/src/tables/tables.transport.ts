import { KafkaBatchStrategy, type KafkaConnection } from '@tributary/kafka';
import { endProcess, type ProcessorNews } from '@tributary/service';

export const PROFILE_BUILDER_TABLES = Symbol('profile-builder-tables');

/** The consumer group of the sinks: of its own, so that a ClickHouse that is away holds up nothing else. */
export function tablesStrategy(
  connection: KafkaConnection,
  news: Pick<ProcessorNews, 'lag'>,
  groupId = 'profile-builder-tables',
): KafkaBatchStrategy {
  return new KafkaBatchStrategy({
    connection,
    groupId,
    onLag: news.lag,
    transportId: PROFILE_BUILDER_TABLES,
    concurrency: 16,
    onFatal: endProcess,
  });
}
