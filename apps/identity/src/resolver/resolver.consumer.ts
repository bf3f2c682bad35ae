import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import type { ProcessorGroup } from '@tributary/state';
import { RESOLVER_GROUP } from './resolver.group.js';
import type { IdentityState } from './resolver.processor.js';

@Controller()
export class ResolverConsumer {
  constructor(@Inject(RESOLVER_GROUP) private readonly group: ProcessorGroup<IdentityState>) {}

  @EventPattern(TOPICS.links.name, RESOLVER_GROUP)
  async handle(@Payload() batch: PartitionBatch): Promise<void> {
    await this.group.processor.handle(batch);
  }
}
