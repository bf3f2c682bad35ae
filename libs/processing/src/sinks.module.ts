import { Module, type DynamicModule } from '@nestjs/common';
import { sinksOf, Tables, type Sink } from '@tributary/clickhouse';
import { KafkaBatchStrategy, KafkaConnection } from '@tributary/kafka';
import { ConsumerGroups, endProcess, ProcessorNews } from '@tributary/service';
import { batchConsumer, type BatchHandler } from './batch-consumer.js';

export interface SinksDeclaration {
  /** The consumer group of the sinks: of its own, so that a ClickHouse that is away holds up nothing else. */
  readonly groupId: string;
  /** Which topic fills which table; a topic may fill more than one. */
  readonly sinks: readonly Sink[];
  /**
   * Neither the start nor the end of the service waits for Kafka any longer, in milliseconds; both wait unless given,
   * and a start without Kafka fails.
   */
  readonly patienceMs?: number;
}

/** Batches of so many partitions may wait for one insert. */
const CONCURRENCY = 16;
/** What one partition brings for an insert: few inserts are cheaper than many. */
const PARTITION_FETCH_BYTES = 4 * 1024 * 1024;
const SINKS = Symbol('SINKS');

/** A service's sinks: its consumer group, and the handlers that fill the tables of its `ClickHouseModule`. */
@Module({})
export class SinksModule {
  static register({ groupId, sinks, patienceMs }: SinksDeclaration): DynamicModule {
    const transportId = Symbol(groupId);
    const topics = [...new Set(sinks.map(({ topic }) => topic.name))];
    const useFactory = (
      connection: KafkaConnection,
      tables: Tables,
      news: ProcessorNews,
      groups: ConsumerGroups,
    ): BatchHandler => {
      groups.add(
        new KafkaBatchStrategy({
          connection,
          groupId,
          transportId,
          concurrency: CONCURRENCY,
          partitionFetchBytes: PARTITION_FETCH_BYTES,
          onLag: news.lag,
          onCommitFailure: news.commitFailed,
          onFatal: endProcess,
          ...(patienceMs === undefined ? {} : { patienceMs }),
        }),
      );
      return sinksOf(tables, sinks);
    };
    return {
      module: SinksModule,
      controllers: [batchConsumer(SINKS, transportId, topics)],
      providers: [
        { provide: SINKS, inject: [KafkaConnection, Tables, ProcessorNews, ConsumerGroups], useFactory },
      ],
    };
  }
}
