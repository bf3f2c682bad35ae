import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toRejectedRows, toReplayRows } from './rows.js';
import { COLLECTOR_TABLES } from './tables.transport.js';

@Controller()
export class RejectedSink {
  readonly #rejected: TableSink;
  readonly #replays: TableSink;

  constructor(tables: Tables) {
    this.#rejected = tables.sink('rejected_events', toRejectedRows);
    this.#replays = tables.sink('rejected_replays', toReplayRows);
  }

  @EventPattern(TOPICS.rejected.name, COLLECTOR_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await Promise.all([this.#rejected.take(batch), this.#replays.take(batch)]);
  }
}
