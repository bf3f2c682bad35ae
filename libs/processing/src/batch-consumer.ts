import { Controller, Inject, UseFilters, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { PartitionBatch } from '@tributary/kafka';
import { HandlerErrorFilter } from './handler-error.filter.js';

/** Takes the batches of a consumer group; resolves when they may be committed. */
export interface BatchHandler {
  handle(batch: PartitionBatch): Promise<void>;
}

/** The Nest controller that hands each batch of these topics in this group to the handler that `token` provides. */
export function batchConsumer(token: symbol, transportId: symbol, topics: readonly string[]): Type {
  @Controller()
  @UseFilters(HandlerErrorFilter)
  class BatchConsumer {
    constructor(@Inject(token) private readonly handler: BatchHandler) {}

    @EventPattern([...topics], transportId)
    async handle(@Payload() batch: PartitionBatch): Promise<void> {
      await this.handler.handle(batch);
    }
  }
  return BatchConsumer;
}
