import { Module, type DynamicModule } from '@nestjs/common';
import { KafkaConnection } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import {
  CLOCK,
  CONFIG,
  ConsumerGroups,
  METRICS,
  OwnAddress,
  ProcessorNews,
  type CommonConfig,
} from '@tributary/service';
import type { Reading } from '@tributary/state';
import type { Registry } from 'prom-client';
import { batchConsumer } from './batch-consumer.js';
import type { Definitions, ProcessorDeclaration } from './processor-declaration.js';
import { RunningProcessor } from './running-processor.js';

const PROCESSOR = Symbol('PROCESSOR');
const NOTHING = Symbol('NOTHING');

/** What a running processor answers to those who ask for a key. */
export interface ProcessorReads {
  /** Undefined where another process answers for the key, or nobody yet. `owner`: what decides the partition; the key unless given. */
  read(key: string, owner?: string): Reading | undefined;
}

/** Injects the {@link ProcessorReads} of a processor, where its module is imported. */
export const readsOf = (processor: string): string => `reads of ${processor}`;

/**
 * A processor from its declaration: the consumer group that owns its partitions, the producer, the handlers of its
 * inputs, its dead letters and metrics, and its life from start to drain.
 */
@Module({})
export class ProcessorModule {
  static register<C, S extends object, D extends Definitions | undefined = undefined, B = undefined>(
    declaration: ProcessorDeclaration<C, S, D, B>,
  ): DynamicModule {
    const transportId = Symbol(declaration.groupId);
    const topics = declaration.inputs.map(({ topic }) => topic.name);
    const useFactory = (
      config: C & CommonConfig,
      connection: KafkaConnection,
      clock: Clock,
      news: ProcessorNews,
      metrics: Registry,
      groups: ConsumerGroups,
      own: OwnAddress,
      beside: B | undefined,
    ) => {
      const running = new RunningProcessor(declaration, {
        transportId,
        beside,
        config,
        connection,
        news,
        metrics,
        now: () => clock.now(),
        address: () => own.url,
      });
      groups.add(running.strategy);
      return running;
    };
    return {
      module: ProcessorModule,
      controllers: [batchConsumer(PROCESSOR, transportId, topics)],
      providers: [
        {
          provide: PROCESSOR,
          inject: [
            ...[CONFIG, KafkaConnection, CLOCK, ProcessorNews, METRICS, ConsumerGroups, OwnAddress],
            { token: declaration.beside ?? NOTHING, optional: declaration.beside === undefined },
          ],
          useFactory,
        },
        { provide: readsOf(declaration.name), useExisting: PROCESSOR },
      ],
      exports: [readsOf(declaration.name)],
    };
  }
}
