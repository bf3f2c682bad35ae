import { KafkaBatchStrategy, type KafkaConnection } from '@tributary/kafka';
import { endProcess, type ProcessorNews } from '@tributary/service';

export const COLLECTOR_TABLES = Symbol('collector-tables');

/** The consumer group of the sinks: of its own, so that a ClickHouse that is away holds up nothing else. */
export function tablesStrategy(
  connection: KafkaConnection,
  news: Pick<ProcessorNews, 'lag'>,
  groupId = 'collector-tables',
): KafkaBatchStrategy {
  return new KafkaBatchStrategy({
    connection,
    groupId,
    onLag: news.lag,
    transportId: COLLECTOR_TABLES,
    concurrency: 16,
    // The collector starts, works and ends while Kafka is away; its tables are late then.
    patienceMs: 3_000,
    onFatal: endProcess,
  });
}
