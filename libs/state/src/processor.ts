import {
  PartitionMovedError,
  type CommitOffsets,
  type PartitionBatch,
  type PartitionOwner,
} from '@tributary/kafka';
import { PartitionRunner } from './partition-runner.js';
import type { PartitionProcessor, ProcessorOptions, Reading } from './processor-options.js';

/** State folded from the log, partition by partition, checkpointed with the offsets that it has reached. */
export class Processor<S extends object> implements PartitionOwner {
  readonly #options: ProcessorOptions<S>;
  readonly #partitions = new Map<number, PartitionRunner<S>>();

  constructor(options: ProcessorOptions<S>) {
    this.#options = options;
  }

  get partitions(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  async assigned(partition: number, commit: CommitOffsets): Promise<ReadonlyMap<string, number>> {
    const opened = await PartitionRunner.open(this.#options, partition, commit);
    this.#partitions.set(partition, opened);
    return opened.starts;
  }

  async revoked(partition: number): Promise<void> {
    const held = this.#partitions.get(partition);
    this.#partitions.delete(partition);
    await held?.close();
  }

  /**
   * Folds a batch; resolves when what follows from it is acknowledged, or, where the log has more, is on its way.
   *
   * @throws PartitionMovedError where the partition is not open: the batch is not handled
   */
  async handle(batch: PartitionBatch): Promise<void> {
    const held = this.#partitions.get(batch.partition);
    if (!held) throw new PartitionMovedError(batch.partition);
    await held.run(async (processor) => {
      const phases = await processor.handle(await held.readable(batch));
      const { topic, endOffset, logEnd } = batch;
      const reached = batch.records.at(-1)?.timestamp;
      return { phases, input: topic, endOffset, isBehind: endOffset < logEnd, reached };
    });
  }

  /** What the processor of a partition answers of a key; undefined where the partition is not open. */
  read(partition: number, key: string): Reading | undefined {
    return this.#partitions.get(partition)?.read(key);
  }

  /** Resolves when no checkpoint is under way; rejects once a partition was taken over. */
  async settled(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((held) => held.settled()));
  }

  /** Tells the processor of every held partition that definitions changed; one that is opened later reads them then. */
  async redefined(): Promise<void> {
    const step = async (processor: PartitionProcessor) => ({ phases: (await processor.redefined?.()) ?? [] });
    const told = [...this.#partitions.values()].map((held) => held.run(step).catch(unlessMoved));
    await Promise.all(told);
  }
}

function unlessMoved(error: unknown): void {
  if (!(error instanceof PartitionMovedError)) throw error;
}
