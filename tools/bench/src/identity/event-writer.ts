import { TOPICS } from '@tributary/contracts';
import { BatchingProducer, type KafkaConnection, type OutgoingRecord } from '@tributary/kafka';
import { scopedKey, toInstant } from '@tributary/kernel';
import { monotonicMs } from '../load/clock.js';
import type { Visit } from './visitors.js';

const WORKSPACE = 'default';

/** One event in the log. */
export interface WrittenEvent {
  readonly key: string;
  readonly offset: number;
  readonly links: number;
  /** When Kafka's acknowledgement came, by `monotonicMs`. */
  readonly at: number;
}

/** Writes events straight to the log, as the collector would have. */
export class EventWriter {
  readonly #producer: BatchingProducer;
  #written = 0;

  private constructor(connection: KafkaConnection) {
    this.#producer = new BatchingProducer(connection);
  }

  static async connect(connection: KafkaConnection, stack: AsyncDisposableStack): Promise<EventWriter> {
    const writer = new EventWriter(connection);
    await writer.#producer.connect();
    stack.defer(() => writer.#producer.disconnect());
    return writer;
  }

  async write(visits: readonly Visit[]): Promise<readonly WrittenEvent[]> {
    const records = visits.map((visit) => this.#toRecord(visit));
    const offsets = await this.#producer.send(records);
    const at = monotonicMs();
    return records.map(({ key }, i) => ({
      ...{ key, at },
      offset: offsets[i] ?? -1,
      links: visits[i]?.links ?? 0,
    }));
  }

  #toRecord({ identifiers }: Visit): OutgoingRecord {
    const messageId = `bench-${this.#written}`;
    this.#written += 1;
    const receivedAt = toInstant(Date.now());
    const listed = JSON.stringify(identifiers);
    return {
      topic: TOPICS.events.name,
      key: scopedKey(WORKSPACE, identifiers[0] ?? ''),
      value:
        `{"workspaceId":"${WORKSPACE}","sourceId":"bench","type":"track","messageId":"${messageId}","event":"Seen",` +
        `"context":{},"timestamp":"${receivedAt}","receivedAt":"${receivedAt}","identifiers":${listed}}`,
      headers: { schema: 'event@1', messageId, type: 'track', receivedAt, identifiers: listed },
    };
  }
}
