import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toLinkRows } from './rows.js';
import { IDENTITY_TABLES } from './tables.transport.js';

@Controller()
export class LinksSink {
  readonly #sink: TableSink;

  constructor(tables: Tables) {
    this.#sink = tables.sink('identity_links', toLinkRows);
  }

  @EventPattern(TOPICS.links.name, IDENTITY_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.#sink.take(batch);
  }
}
