import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { PROFILES_GROUP } from './profiles.group.js';
import type { ProfileState } from './profiles.processor.js';

@Controller()
export class ProfilesConsumer {
  constructor(@Inject(PROFILES_GROUP) private readonly group: ProcessorGroup<ProfileState>) {}

  @EventPattern(TOPICS.fragments.name, PROFILES_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
