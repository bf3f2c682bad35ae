import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { ObservationsState } from '@tributary/identity';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { OBSERVATIONS_GROUP } from './observations.group.js';

@Controller()
export class ObservationsConsumer {
  constructor(@Inject(OBSERVATIONS_GROUP) private readonly group: ProcessorGroup<ObservationsState>) {}

  @EventPattern(TOPICS.events.name, OBSERVATIONS_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
