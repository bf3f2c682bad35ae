import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { FRAGMENTS_GROUP } from './fragments.group.js';
import type { FragmentsState } from './fragments.processor.js';

@Controller()
export class FragmentsConsumer {
  constructor(@Inject(FRAGMENTS_GROUP) private readonly group: ProcessorGroup<FragmentsState>) {}

  @EventPattern(TOPICS.events.name, FRAGMENTS_GROUP)
  async events(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }

  @EventPattern(TOPICS.assignments.name, FRAGMENTS_GROUP)
  async assignments(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
