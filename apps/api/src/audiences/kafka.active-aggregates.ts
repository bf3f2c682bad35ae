import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { WantedAggregate } from '@tributary/audiences';
import { activeAggregateKey, readerOf, TOPICS, type ActiveAggregateMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { ControlLog } from '../control/control-log.js';

const read = readerOf(TOPICS.aggregates);

interface Waiter {
  readonly workspace: string;
  readonly wanted: readonly WantedAggregate[];
  readonly resolve: () => void;
}

/** Which aggregates profile-builder folds in each partition of the event log, and how much of them. */
@Injectable()
export class KafkaActiveAggregates implements OnModuleInit {
  /** By `workspaceId/hash/partition`. */
  readonly #bounds = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();

  constructor(private readonly log: ControlLog) {}

  async onModuleInit(): Promise<void> {
    await this.log.create([TOPICS.aggregates]);
    await this.log.follow(TOPICS.aggregates, (record) => {
      this.#apply(record);
    });
  }

  /** Whether every partition folds all that a definition reads: then each event that is accepted is counted. */
  isLive(workspace: string, wanted: readonly WantedAggregate[]): boolean {
    const partitions = Array.from({ length: this.log.config.KAFKA_PARTITIONS }, (_, partition) => partition);
    return wanted.every(({ aggregate, bound }) =>
      partitions.every((partition) => {
        const key = activeAggregateKey(workspace, aggregate.hash, partition);
        return (this.#bounds.get(key) ?? 0) >= bound;
      }),
    );
  }

  /** Waits until a definition is live, for so many milliseconds at most. */
  async untilLive(workspace: string, wanted: readonly WantedAggregate[], patienceMs: number): Promise<void> {
    if (this.isLive(workspace, wanted)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve();
      }, patienceMs);
      const waiter = {
        workspace,
        wanted,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.add(waiter);
    });
  }

  #apply({ key, value, headers, offset }: LogRecord): void {
    if (value === null) {
      this.#bounds.delete(key);
      return;
    }
    const message = read(value, headers.schema);
    if (!message.ok) {
      this.log.logger.error(
        { key, offset, reason: message.error },
        'activation is unreadable and passed over',
      );
      return;
    }
    this.#bounds.set(key, (message.value as ActiveAggregateMessage).bound);
    for (const waiter of this.#waiting) {
      if (!this.isLive(waiter.workspace, waiter.wanted)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
