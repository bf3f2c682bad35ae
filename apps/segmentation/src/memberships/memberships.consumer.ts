import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { MembershipsState } from './memberships.processor.js';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { MEMBERSHIPS_GROUP } from './memberships.group.js';

@Controller()
export class MembershipsConsumer {
  constructor(@Inject(MEMBERSHIPS_GROUP) private readonly group: ProcessorGroup<MembershipsState>) {}

  @EventPattern(TOPICS.fragments.name, MEMBERSHIPS_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
