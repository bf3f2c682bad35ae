import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { WantedAggregate } from '@tributary/audiences';
import { TOPICS, validateActiveAggregate } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { AggregateProgress } from '@tributary/processing';
import { ControlLog } from '../control/control-log.js';

interface Waiter {
  readonly workspace: string;
  readonly wanted: readonly WantedAggregate[];
  readonly resolve: () => void;
}

/** Which aggregates profile-builder folds in each partition of the event log, and of which it has what was before. */
@Injectable()
export class KafkaActiveAggregates implements OnModuleInit {
  readonly #progress: AggregateProgress;
  readonly #waiting = new Set<Waiter>();

  constructor(private readonly log: ControlLog) {
    this.#progress = new AggregateProgress(log.config.KAFKA_PARTITIONS);
  }

  async onModuleInit(): Promise<void> {
    await this.log.create([TOPICS.aggregates]);
    await this.log.follow(TOPICS.aggregates, (record) => {
      this.#apply(record);
    });
  }

  /** Of how many partitions of the event log all is known that a definition reads, from 0 to 1: then it is live. */
  progressOf(workspace: string, wanted: readonly WantedAggregate[]): number {
    const { known, partitions } = this.#progress.progressOf(workspace, wanted);
    return wanted.length === 0 ? 1 : known / partitions;
  }

  /** Waits until a definition is live, for so many milliseconds at most. */
  async untilLive(workspace: string, wanted: readonly WantedAggregate[], patienceMs: number): Promise<void> {
    if (this.#isLive(workspace, wanted)) return;
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

  #isLive(workspace: string, wanted: readonly WantedAggregate[]): boolean {
    return this.#progress.isKnown(workspace, wanted);
  }

  #apply(record: LogRecord): void {
    const reason = validateActiveAggregate(record);
    if (reason !== undefined) {
      const { key, offset } = record;
      this.log.logger.error({ key, offset, reason }, 'activation is unreadable and passed over');
      return;
    }
    if (!this.#progress.take(record)) return;
    for (const waiter of this.#waiting) {
      if (!this.#isLive(waiter.workspace, waiter.wanted)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
