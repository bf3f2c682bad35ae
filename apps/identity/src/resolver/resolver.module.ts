import { Module } from '@nestjs/common';
import { validateLink, TOPICS } from '@tributary/contracts';
import { KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, METRICS, ProcessorNews } from '@tributary/service';
import { deadLetterRecord, ProcessorGroup } from '@tributary/state';
import { Counter, type Registry } from 'prom-client';
import { IdentityControl } from '../control/identity-control.js';
import type { IdentityConfig } from '../identity.config.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import { ResolverConsumer } from './resolver.consumer.js';
import { RESOLVER_GROUP } from './resolver.group.js';
import { IDENTITY_STATE_FORMAT } from './state-format.js';
import { ResolverProcessor, type IdentityState } from './resolver.processor.js';

/** Names who reads rules and splits, where a record of theirs is set aside. */
const CONTROL = 'identity-control';

/** The processor, which starts once all rules and splits are read, and hears of each that changes. */
class ResolverGroup extends ProcessorGroup<IdentityState> {
  readonly #control: IdentityControl;
  readonly #news: ProcessorNews;

  constructor(
    config: IdentityConfig,
    connection: KafkaConnection,
    clock: Clock,
    news: ProcessorNews,
    registry: Registry,
  ) {
    const deadLetter = (record: LogRecord, error: string) => this.#deadLetter(record, error);
    const control = new IdentityControl(connection, deadLetter, endProcess);
    const refused = new Counter({
      name: 'tributary_identity_links_refused_total',
      help: 'links that were refused, by the rule that refused them; a link may count again after a crash',
      labelNames: ['rule'],
      registers: [registry],
    });
    super({
      name: 'identity-resolver',
      groupId: 'identity-resolver',
      transportId: RESOLVER_GROUP,
      connection,
      dataDir: config.TRIBUTARY_DATA,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      inputs: [TOPICS.links.name],
      changelog: TOPICS.resolverState,
      format: IDENTITY_STATE_FORMAT,
      owns: [TOPICS.assignments.name],
      validators: { [TOPICS.links.name]: validateLink },
      onDeadLetter: news.deadLetter,
      onLag: news.lag,
      onRepaired: news.repaired,
      cacheBytes: config.IDENTITY_CACHE_BYTES,
      processor: (context) =>
        new ResolverProcessor(context, {
          control,
          partitions: config.KAFKA_PARTITIONS,
          reviewsPerSecond: config.IDENTITY_REVIEWS_PER_SECOND,
          now: () => clock.now(),
          onRefused: (rule) => {
            refused.inc({ rule });
          },
        }),
      onFatal: endProcess,
    });
    this.#control = control;
    this.#news = news;
  }

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    await this.#control.start(() => this.processor.redefined());
  }

  async onModuleDestroy(): Promise<void> {
    await this.#control.stop();
  }

  async #deadLetter(record: LogRecord, error: string): Promise<void> {
    const { topic, partition, offset } = record;
    await this.producer.send([deadLetterRecord(CONTROL, { record, error })]);
    this.#news.deadLetter({ processor: CONTROL, topic, partition, offset, error });
  }
}

/** identity.links.v1, and the rules and splits in force → itself and identity.assignments.v1: who is one person. */
@Module({
  imports: [KafkaModule],
  controllers: [ResolverConsumer],
  providers: [
    {
      provide: RESOLVER_GROUP,
      inject: [CONFIG, KafkaConnection, CLOCK, ProcessorNews, METRICS],
      useFactory: (...injected: ConstructorParameters<typeof ResolverGroup>) =>
        new ResolverGroup(...injected),
    },
  ],
})
export class ResolverModule {}

export { RESOLVER_GROUP };
