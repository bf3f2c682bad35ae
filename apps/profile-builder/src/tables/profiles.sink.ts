import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toProfileRows } from './rows.js';
import { PROFILE_BUILDER_TABLES } from './tables.transport.js';

@Controller()
export class ProfilesSink {
  readonly #sink: TableSink;

  constructor(tables: Tables) {
    this.#sink = tables.sink('profiles', toProfileRows);
  }

  @EventPattern(TOPICS.profiles.name, PROFILE_BUILDER_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.#sink.take(batch);
  }
}
