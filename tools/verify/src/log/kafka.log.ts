import { groupOffsets, logBounds, readRanges, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Log, Range } from './log.port.js';

/** The topics as a Kafka cluster has them. */
export class KafkaLog implements Log {
  constructor(private readonly connection: KafkaConnection) {}

  bounds(topic: string) {
    return logBounds(this.connection, topic);
  }

  async read(
    topic: string,
    ranges: ReadonlyMap<number, Range>,
    onRecord: (record: LogRecord) => void | Promise<void>,
  ): Promise<void> {
    await readRanges(this.connection, topic, ranges, onRecord);
  }

  reached(groupId: string, topic: string) {
    return groupOffsets(this.connection, groupId, topic);
  }
}
