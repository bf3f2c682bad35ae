import { eventRecord, type Visit } from '@tributary/harness/people';
import { BatchingProducer, type KafkaConnection } from '@tributary/kafka';
import { monotonicMs } from '../load/clock.js';

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
    const now = Date.now();
    const records = visits.map(({ identifiers }) =>
      eventRecord(identifiers, `bench-${this.#written++}`, now),
    );
    const offsets = await this.#producer.send(records);
    const at = monotonicMs();
    return records.map(({ key }, i) => ({
      ...{ key, at },
      offset: offsets[i] ?? -1,
      links: visits[i]?.links ?? 0,
    }));
  }
}
