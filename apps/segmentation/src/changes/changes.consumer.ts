import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { EpochState } from './changes.processor.js';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { CHANGES_GROUP } from './changes.group.js';

@Controller()
export class ChangesConsumer {
  constructor(@Inject(CHANGES_GROUP) private readonly group: ProcessorGroup<EpochState>) {}

  @EventPattern(TOPICS.memberships.name, CHANGES_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
