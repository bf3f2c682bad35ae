import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EpochReader, messageOf, TOPICS, type AudienceChangeMessage, type Heard } from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import { randomUUID } from 'node:crypto';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import { ControlLog } from '../../control/control-log.js';
import { ChangeWindow, type ToldChange } from './change-window.js';

/** Whom changes of an audience are told to. */
export interface ChangeListener {
  readonly workspaceId: string;
  readonly audienceKey: string;
  readonly tell: (change: ToldChange, position: string) => void;
  /** Nothing more will be told: somebody who comes back may be told more. */
  readonly end: () => void;
}

/** The changes of audiences as they are published, from the first listener on. */
@Injectable()
export class KafkaLiveChanges implements OnApplicationShutdown {
  readonly #listeners = new Set<ChangeListener>();
  #following: Promise<Following> | undefined;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly log: ControlLog,
    private readonly clickhouse: ClickHouseReader,
  ) {}

  get listeners(): number {
    return this.#listeners.size;
  }

  /** The window in which everything is from now on; what it tells comes in the order of {@link listen}. */
  async window(): Promise<ChangeWindow> {
    this.#following ??= this.#follow();
    try {
      return (await this.#following).window;
    } catch (error) {
      this.#following = undefined;
      throw error;
    }
  }

  /** Tells from now on; answers with what ends that. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    const following = await this.#following?.catch(() => undefined);
    await following?.follower.stop();
    this.#end();
  }

  async #follow(): Promise<Following> {
    await this.log.create([TOPICS.changes]);
    const [window, reader] = [new ChangeWindow(randomUUID()), new EpochReader(await this.#epochs())];
    const take = (record: LogRecord) => {
      if (reader.isNews(record)) this.#tell(window, record);
    };
    const follower = new TopicFollower(this.connection, TOPICS.changes, take, {
      fromEnd: true,
      onFatal: (error) => {
        this.log.logger.warn({ err: error }, 'changes of audiences are followed anew');
        this.#following = undefined;
        this.#end();
      },
    });
    await follower.start();
    return { window, follower };
  }

  /** Who begins in the middle does not know who owns a partition: the tables do. */
  async #epochs(): Promise<readonly (readonly [number, Heard])[]> {
    const rows = await this.clickhouse.rows<{ readonly partition: number; readonly epoch: number }>(
      'SELECT kafka_partition AS partition, max(epoch) AS epoch FROM audience_changes_epochs GROUP BY kafka_partition',
    );
    return rows.map(({ partition, epoch }) => [partition, { epoch, sequence: 0 }]);
  }

  #tell(window: ChangeWindow, record: LogRecord): void {
    if (!record.value) return;
    const message = messageOf(record) as AudienceChangeMessage;
    const { workspaceId, audienceKey } = message;
    const change = { workspaceId, audienceKey, text: JSON.stringify(message) };
    window.take(change);
    for (const listener of this.#listeners)
      if (listener.workspaceId === workspaceId && listener.audienceKey === audienceKey)
        listener.tell(change, window.position);
  }

  #end(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }
}

interface Following {
  readonly window: ChangeWindow;
  readonly follower: TopicFollower;
}
