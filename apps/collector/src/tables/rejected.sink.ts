import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toRejectedRows } from './mapping.js';
import { COLLECTOR_TABLES } from './tables.transport.js';

@Controller()
export class RejectedSink {
  readonly #sink: TableSink;

  constructor(tables: Tables) {
    this.#sink = tables.sink('rejected_events', toRejectedRows);
  }

  @EventPattern(TOPICS.rejected.name, COLLECTOR_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.#sink.take(batch);
  }
}
