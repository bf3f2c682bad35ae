import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ERASURE, TOPICS, type ErasureMessage } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, groupOffsets, KafkaConnection, logBounds } from '@tributary/kafka';
import { partitionOf, scopedKey, type Identifier } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';

/** Next offsets, by `topic/partition`. */
export type Offsets = Readonly<Record<string, number>>;

/** Writes erasures into the event log, and looks how far others have come with them. */
@Injectable()
export class ErasureLog implements OnApplicationShutdown {
  readonly #producer: BatchingProducer;
  #connected: Promise<void> | undefined;

  constructor(
    private readonly connection: KafkaConnection,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.#producer = new BatchingProducer(connection, { lingerMs: 0 });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#connected) await this.#producer.disconnect();
  }

  /** One among the events of each identifier; answers where the last of each partition ends. */
  async write(
    erasure: Pick<ErasureMessage, 'workspaceId' | 'until' | 'requestId'>,
    identifiers: readonly Identifier[],
  ): Promise<Offsets> {
    const { KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = this.config;
    await ensureTopics(this.connection, [TOPICS.events], { partitions, replication });
    this.#connected ??= this.#producer.connect();
    await this.#connected;
    const keys = identifiers.map((identifier) => scopedKey(erasure.workspaceId, identifier));
    const sent = await this.#producer.send(
      keys.map((key, i) => ({
        topic: TOPICS.events.name,
        key,
        value: JSON.stringify({ ...erasure, identifier: identifiers[i] ?? '' } satisfies ErasureMessage),
        headers: { schema: ERASURE, until: erasure.until },
      })),
    );
    const offsets: Record<string, number> = {};
    for (const [i, key] of keys.entries()) {
      const place = `${TOPICS.events.name}/${partitionOf(key, partitions)}`;
      offsets[place] = Math.max(offsets[place] ?? 0, (sent[i] ?? 0) + 1);
    }
    return offsets;
  }

  /** Where topics end now. */
  async ends(topics: readonly string[]): Promise<Offsets> {
    const ends: Record<string, number> = {};
    for (const topic of topics)
      for (const [partition, { start, end }] of await logBounds(this.connection, topic))
        if (end > start) ends[`${topic}/${partition}`] = end;
    return ends;
  }

  /** Whether a group has read each of these topics up to there. */
  async hasRead(group: string, topics: readonly string[], offsets: Offsets): Promise<boolean> {
    for (const topic of topics) {
      const committed = await groupOffsets(this.connection, group, topic);
      for (const [place, offset] of Object.entries(offsets)) {
        const slash = place.lastIndexOf('/');
        if (place.slice(0, slash) !== topic) continue;
        if ((committed.get(Number(place.slice(slash + 1))) ?? 0) < offset) return false;
      }
    }
    return true;
  }
}
