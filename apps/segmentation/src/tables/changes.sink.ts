import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toChangeRows } from './rows.js';
import { SEGMENTATION_TABLES } from './tables.transport.js';

@Controller()
export class ChangesSink {
  readonly #sink: TableSink;

  constructor(tables: Tables) {
    this.#sink = tables.sink('audience_changes', toChangeRows);
  }

  @EventPattern(TOPICS.changes.name, SEGMENTATION_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.#sink.take(batch);
  }
}
