import type { Topic } from '@tributary/contracts';
import type { Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import type { RecordValidator, DeadLetterNews } from './dead-letter.js';
import type { KeyedState } from './keyed-state.js';
import type { PartitionStore } from './partition-store.js';
import type { TableWriter } from './staged-tables.js';
import type { StateFormat } from './state-format.js';

/** What a step publishes: each phase is acknowledged before the next is sent. */
export type Phases = readonly (readonly OutgoingRecord[])[];

/** What a processor does in one partition. Its calls never overlap, and nothing else touches its state. */
export interface PartitionProcessor {
  /** Folds a batch into the state and says what is to be published. */
  handle(batch: PartitionBatch): Phases | Promise<Phases>;
  /** After the state is restored, before the first batch. */
  restored?(): Phases | Promise<Phases>;
  /** The instant for which `wakeAt` asked has come. */
  wake?(): Phases | Promise<Phases>;
  /** The definitions that it reads beside its inputs are others now. */
  redefined?(): Phases | Promise<Phases>;
  /**
   * Another wrote a record of this key to a topic that the processor owns: what the processor says of it itself, as of now;
   * undefined where it says nothing.
   */
  republish?(topic: string, key: string): OutgoingRecord | undefined;
  /** What it answers whoever asks for a key, as of the last step; undefined where it knows of none. Changes nothing. */
  read?(key: string): string | undefined;
  /** Records of a step were acknowledged, under these offsets; before the next phase is sent. */
  acknowledged?(records: readonly OutgoingRecord[], offsets: readonly number[]): void;
  /** Writes tables of its own in the checkpoint's transaction. */
  checkpoint?(writer: TableWriter): void;
  /** The checkpoint that it asked for is written; what follows is published before the next step. */
  checkpointed?(): Phases | Promise<Phases>;
  /** The partition is let go of: none of the other calls follows. */
  closed?(): void;
}

/** What a processor answers of a key. */
export interface Reading {
  /** Undefined where it knows of none. */
  readonly text: string | undefined;
  /** What came later may not be in it: milliseconds since 1970. */
  readonly asOf: number;
}

/** What a processor gets of its partition. */
export interface PartitionContext<S extends object> {
  readonly partition: number;
  readonly state: KeyedState<S>;
  readonly store: PartitionStore;
  /**
   * Present where states came from the changelog, of which the processor's own tables know nothing, as after a lost disk
   * or a crash between the two writes of a checkpoint: the next offset of each input that the tables do reflect.
   */
  readonly tablesBehind: Readonly<Record<string, number>> | undefined;
  /** The next offset of an input: as of the checkpoint at the start, then as of the last step. */
  startOf(input: string): number;
  /**
   * Asks that the state as this step leaves it be on disk and in the changelog before the next step, whatever happens to
   * either: for what may not be decided in another way by another life.
   */
  checkpoint(): void;
  /** Asks for a call of `wake` at this instant, in milliseconds since 1970; the earliest asked for counts. */
  wakeAt(instant: number): void;
}

/** Runs a task after so many milliseconds; the answer cancels it. */
export type Schedule = (delayMs: number, task: () => Promise<void>) => () => void;

export interface ProcessorOptions<S extends object> {
  /** Names the folder of its checkpoints. */
  readonly name: string;
  readonly dataDir: string;
  readonly logs: Logs;
  /** The topics that are folded: partition p of each is one state. */
  readonly inputs: readonly string[];
  /** The only topics to which its steps write; any unless given. Another ends the process before the step is sent. */
  readonly publishes?: readonly string[];
  /** Absent where the inputs themselves, being compacted, are the changelog. */
  readonly changelog?: Topic;
  /**
   * Compacted topics of whose partition p the owner of partition p is the only writer: where another writes there
   * all the same, it appends again what it says itself of each key that was hit.
   */
  readonly owns?: readonly string[];
  /** Called with each such repair. */
  readonly onRepaired?: (repaired: { topic: string; partition: number; keys: number }) => void;
  /**
   * Of each input, what makes a record unreadable: it is written to `dead-letters.v1`, and the partition goes on
   * without it. What a processor throws is no record's fault and ends the process.
   */
  readonly validators?: Readonly<Record<string, RecordValidator>>;
  /** Called with each record that was dead-lettered. */
  readonly onDeadLetter?: (news: DeadLetterNews) => void;
  /**
   * The format of the states; the first unless given. A disk of an older one is migrated, or, where a migration is
   * missing, thrown away and built anew from the changelog or the inputs; a newer one is refused.
   */
  readonly format?: StateFormat;
  readonly processor: (context: PartitionContext<S>) => PartitionProcessor;
  /** At most so long between a fold and its checkpoint; 1,000 ms unless given. */
  readonly checkpointEveryMs?: number;
  /**
   * At most so long until the changelog has what a checkpoint has, for disks that are lost: a key that changes often is
   * written to it once in that time; 30,000 ms unless given.
   */
  readonly changelogEveryMs?: number;
  /** Bytes of states, as they are stored, that are kept in memory for each partition; 4 MiB unless given. */
  readonly cacheBytes?: number;
  /** What happened in a timer was not expected: the process has to end. */
  readonly onFatal: (error: unknown) => void;
  /** The clock, in milliseconds since 1970; that of the machine unless given. */
  readonly now?: () => number;
  /** What wakes it; the timers of the event loop unless given. */
  readonly schedule?: Schedule;
}
