import { Module } from '@nestjs/common';
import { judgeLink, TOPICS } from '@tributary/contracts';
import { KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, METRICS, StageNews } from '@tributary/service';
import { setAsideRecord, StageGroup } from '@tributary/state';
import { Counter, type Registry } from 'prom-client';
import { IdentityControl } from '../control/identity-control.js';
import type { IdentityConfig } from '../identity.config.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import { ResolverConsumer } from './resolver.consumer.js';
import { RESOLVER_GROUP } from './resolver.group.js';
import { IDENTITY_STATE_FORMAT } from './state-format.js';
import { ResolverTask, type IdentityState } from './resolver.task.js';

/** Names who reads rules and cuts, where a record of theirs is set aside. */
const CONTROL = 'identity-control';

/** The stage, which starts once all rules and cuts are read, and hears of each that changes. */
class ResolverGroup extends StageGroup<IdentityState> {
  readonly #control: IdentityControl;
  readonly #news: StageNews;

  constructor(
    config: IdentityConfig,
    connection: KafkaConnection,
    clock: Clock,
    news: StageNews,
    registry: Registry,
  ) {
    const setAside = (record: LogRecord, error: string) => this.#setAside(record, error);
    const control = new IdentityControl(connection, setAside, endProcess);
    const refused = new Counter({
      name: 'tributary_identity_links_refused_total',
      help: 'links that join nobody, by the rule that refused them; again where it was forgotten in a crash',
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
      judges: { [TOPICS.links.name]: judgeLink },
      onSetAside: news.setAside,
      onLag: news.lag,
      onRepaired: news.repaired,
      cacheBytes: config.IDENTITY_CACHE_BYTES,
      task: (context) =>
        new ResolverTask(context, {
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
    await this.#control.start(() => this.stage.redefined());
  }

  async onModuleDestroy(): Promise<void> {
    await this.#control.stop();
  }

  async #setAside(record: LogRecord, error: string): Promise<void> {
    const { topic, partition, offset } = record;
    await this.producer.send([setAsideRecord(CONTROL, { record, error })]);
    this.#news.setAside({ stage: CONTROL, topic, partition, offset, error });
  }
}

/** identity.links.v1, and the rules and cuts in force → itself and identity.assignments.v1: who is one person. */
@Module({
  imports: [KafkaModule],
  controllers: [ResolverConsumer],
  providers: [
    {
      provide: RESOLVER_GROUP,
      inject: [CONFIG, KafkaConnection, CLOCK, StageNews, METRICS],
      useFactory: (...injected: ConstructorParameters<typeof ResolverGroup>) =>
        new ResolverGroup(...injected),
    },
  ],
})
export class ResolverModule {}

export { RESOLVER_GROUP };
