import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Tables, type TableSink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import { toMembershipRows } from './rows.js';
import { SEGMENTATION_TABLES } from './tables.transport.js';

@Controller()
export class MembershipsSink {
  readonly #sink: TableSink;

  constructor(tables: Tables) {
    this.#sink = tables.sink('audience_memberships', toMembershipRows);
  }

  @EventPattern(TOPICS.memberships.name, SEGMENTATION_TABLES)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.#sink.take(batch);
  }
}
