import type { Topic } from '@tributary/contracts';
import type { KafkaConnection, LogRecord, Logs } from '@tributary/kafka';
import type {
  PartitionContext,
  PartitionProcessor,
  ProcessorOptions,
  RecordValidator,
  StateFormat,
} from '@tributary/state';
import type { Registry } from 'prom-client';

/** A topic that a processor folds. */
export interface ProcessorInput {
  readonly topic: Topic;
  /** What makes a record unreadable: it becomes a dead letter, and the partition goes on without it. */
  readonly validate: RecordValidator;
}

/** Definitions that a processor reads beside its inputs. */
export interface Definitions {
  /** Resolves when all there are have been read; `onChange` hears of what comes from then on. */
  start(onChange: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** How definitions are followed. */
export interface FollowDefinitions<D> {
  /** Names who reads them, in the dead letters of records that cannot be read. */
  readonly name: string;
  /** Records that cannot be read go to `onUnreadable`; `onFatal` ends the process. */
  readonly follow: (
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) => D;
}

/** What a processor is made with, once a process. */
export interface ProcessorSetup<C, D, B = undefined> {
  readonly config: C;
  /** What it works with beside its logs; absent where nothing is, as in a spec. */
  readonly beside?: B | undefined;
  /** What it writes outside of a step passes the same fence as every send. */
  readonly logs: Logs;
  readonly metrics: Registry;
  readonly definitions: Omit<D, keyof Definitions>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** All that one processor is: its settings are `C`, the state of a key is `S`, and it follows the definitions `D`. */
export interface ProcessorDeclaration<
  C,
  S extends object,
  D extends Definitions | undefined = undefined,
  B = undefined,
> {
  /** In dead letters, and as the folder of its checkpoints. */
  readonly name: string;
  readonly groupId: string;
  /** Partition p of all of them is one state. */
  readonly inputs: readonly ProcessorInput[];
  /** The only topics to which its steps write. */
  readonly publishes: readonly Topic[];
  /** Those of them, compacted, whose partition p the owner of partition p alone writes: it repairs what another wrote. */
  readonly owns?: readonly Topic[];
  /** Absent where the inputs themselves, being compacted, are the changelog. */
  readonly changelog?: Topic;
  /** The format of the states; the first unless given. */
  readonly format?: StateFormat;
  /** Bytes of states, as they are stored, that are kept in memory for each partition. */
  readonly cacheBytes: (config: C) => number;
  /** Read whole before the first batch; the processor's `redefined` is called after each change. */
  readonly definitions?: FollowDefinitions<D>;
  /** A provider of the application that it works with. */
  readonly beside?: abstract new (...dependencies: never[]) => B;
  /** Called once; makes the processor of each partition. */
  readonly processor: (
    setup: ProcessorSetup<C, D, B>,
  ) => (context: PartitionContext<S>) => PartitionProcessor;
}

/** What a declaration says of a processor's partitions. */
export function toProcessorOptions<C, S extends object, D extends Definitions | undefined, B>(
  {
    name,
    inputs,
    publishes,
    owns,
    changelog,
    format,
    cacheBytes,
    processor,
  }: ProcessorDeclaration<C, S, D, B>,
  setup: ProcessorSetup<C, D, B>,
): Omit<ProcessorOptions<S>, 'dataDir' | 'logs' | 'onFatal'> {
  return {
    name,
    inputs: inputs.map(({ topic }) => topic.name),
    validators: Object.fromEntries(inputs.map(({ topic, validate }) => [topic.name, validate])),
    publishes: publishes.map((topic) => topic.name),
    owns: (owns ?? []).map((topic) => topic.name),
    ...(changelog && { changelog }),
    ...(format && { format }),
    cacheBytes: cacheBytes(setup.config),
    processor: processor(setup),
    now: setup.now,
  };
}
