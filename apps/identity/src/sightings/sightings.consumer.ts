import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { SightingsState } from '@tributary/identity';
import type { PartitionBatch } from '@tributary/kafka';
import type { StageGroup } from '@tributary/state';
import { SIGHTINGS_GROUP } from './sightings.group.js';

@Controller()
export class SightingsConsumer {
  constructor(@Inject(SIGHTINGS_GROUP) private readonly group: StageGroup<SightingsState>) {}

  @EventPattern(TOPICS.events.name, SIGHTINGS_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.stage.handle(batch);
  }
}
