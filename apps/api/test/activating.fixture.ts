import { wantedBy, type AudienceDefinition, type WantedAggregate } from '@tributary/audiences';
import {
  activeAggregateKey,
  messageOf,
  TOPICS,
  type ActiveAggregateMessage,
  type AudienceMessage,
} from '@tributary/contracts';
import { BatchingProducer, KafkaConnection, TopicFollower } from '@tributary/kafka';
import { kafkaBrokers, uniqueName } from '@tributary/testing';

/** Writes of the audiences of one workspace what profile-builder writes: that each partition folds their aggregates, and knows what was before. */
export class Activating {
  readonly #connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('activating') });
  readonly #producer = new BatchingProducer(this.#connection);
  #follower: TopicFollower | undefined;

  constructor(
    private readonly workspace: string,
    private readonly partitions: number,
  ) {}

  async connect(): Promise<void> {
    await this.#producer.connect();
  }

  /** Does so of every definition that is put in force; their topic has to be there. */
  async start(): Promise<void> {
    await this.connect();
    this.#follower = new TopicFollower(this.#connection, TOPICS.audiences, async (record) => {
      if (!record.value || !record.key.startsWith(`${this.workspace}/`)) return;
      const { definition } = messageOf(record) as AudienceMessage;
      for (let partition = 0; partition < this.partitions; partition += 1)
        await this.activate(partition, wantedBy(definition as unknown as AudienceDefinition));
    });
    await this.#follower.start();
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
    await this.#producer.disconnect();
  }

  async activate(partition: number, wanted: readonly WantedAggregate[]): Promise<void> {
    const records = wanted.map(({ aggregate, bound }) => {
      const { hash } = aggregate;
      const place = { partition, generation: bound, offset: 0, since: 0 };
      const message: ActiveAggregateMessage = {
        ...{
          workspaceId: this.workspace,
          aggregate: hash,
          definition: { ...aggregate },
          bound,
          known: bound,
        },
        ...place,
      };
      return {
        topic: TOPICS.aggregates.name,
        partition,
        key: activeAggregateKey(this.workspace, hash, partition),
        value: JSON.stringify(message),
        headers: { schema: 'active-aggregate@1' },
      };
    });
    if (records.length > 0) await this.#producer.send(records);
  }
}
