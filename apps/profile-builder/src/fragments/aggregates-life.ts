import { TOPICS } from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import type { ErasedState, PartitionContext } from '@tributary/state';
import { addUnpublished, type PlacedFragment } from '@tributary/profiles';
import { ActiveAggregates, NO_AGGREGATES, type AggregatesState, type Unseeded } from './active-aggregates.js';
import { wantedOf, type WantedAggregates } from './aggregates-in-force.js';
import { fromSeededRecord, toActiveAggregateRecord, toRetiredAggregateRecord } from './records.js';

export type FragmentsState = PlacedFragment | AggregatesState | ErasedState;

/** Sows the past of the aggregates of a partition that lack it, as of now; of none any more where it is closed. */
export interface SowsPartition {
  lacks(partition: number, unseeded: readonly Unseeded[], send: Logs['send']): void;
}

export interface AggregatesLifeOptions {
  readonly now: () => number;
  readonly logs: Logs;
  /** By the kind of definition and `workspaceId/key`. */
  readonly definitions: ReadonlyMap<string, WantedAggregates>;
  /** Sows what was before the activations of a partition. */
  readonly backFill?: SowsPartition | undefined;
}

const EVENTS = TOPICS.events.name;
const AGGREGATES = '@aggregates';
/** Fragments that are searched for retired aggregates in one step. */
const SEARCHED_AT_ONCE = 500;

/** Which aggregates a partition folds: activated, known once what was before is in, and retired when nobody asks any more. */
export class AggregatesLife {
  readonly #aggregates: ActiveAggregates;

  constructor(
    private readonly context: PartitionContext<FragmentsState>,
    private readonly options: AggregatesLifeOptions,
  ) {
    this.#aggregates = new ActiveAggregates(
      (context.state.get(AGGREGATES) as AggregatesState | undefined) ?? NO_AGGREGATES,
    );
  }

  /** What folds. */
  get aggregates(): ActiveAggregates {
    return this.#aggregates;
  }

  /** No activation from now on is before this offset. */
  delay(notBefore: number): void {
    this.#aggregates.delay(notBefore);
    this.context.state.replace(AGGREGATES, this.#aggregates.state);
  }

  /**
   * 1. What the definitions ask for now is in the state, from the next event on, and is made durable before that event is
   *    read. A crash before: nobody knows of it, and the next life activates at an offset of its own. A crash after: the
   *    next life folds from the same event on.
   * 2. It is published. A crash before: the next life publishes it.
   */
  activate(): boolean {
    const wanted = wantedOf(this.options.definitions);
    const isActivated = this.#aggregates.activate(wanted, this.context.startOf(EVENTS));
    const isNoted = this.#aggregates.noteUnwanted(wanted, this.options.now());
    if (isNoted || isActivated) this.context.state.replace(AGGREGATES, this.#aggregates.state);
    if (isActivated) this.context.checkpoint();
    this.#remindOfRetirement();
    return isActivated;
  }

  #remindOfRetirement(): void {
    const { retiresAt } = this.#aggregates;
    if (this.#aggregates.isRetiring()) this.context.wakeAt(this.options.now());
    else if (retiresAt < Infinity) this.context.wakeAt(retiresAt);
  }

  /**
   * 1. What nobody asks for any more is folded no more; that is durable, with all fragments that have a state of it.
   * 2. Some fragments at a time, these states are taken out, and their facts removed. A crash here: the search goes on
   *    behind the last one of the checkpoint.
   * 3. Only then may it be activated again.
   */
  retire(): readonly string[] {
    if (this.#aggregates.retire(this.options.now())) {
      this.context.state.replace(AGGREGATES, this.#aggregates.state);
      this.context.checkpoint();
      this.#remindOfRetirement();
      return [];
    }
    if (!this.#aggregates.isRetiring()) return [];
    const touched = this.#dropRetired();
    this.context.state.replace(AGGREGATES, this.#aggregates.state);
    if (this.#aggregates.isRetiring()) this.#remindOfRetirement();
    else this.activate();
    return touched;
  }

  #dropRetired(): readonly string[] {
    const touched: string[] = [];
    let searched = 0;
    for (const { key, storedKey, state } of this.context.state.storedAfter(this.#aggregates.state.searched)) {
      if (searched === SEARCHED_AT_ONCE) return touched;
      searched += 1;
      this.#aggregates.search(storedKey);
      if (!('fragment' in state)) continue;
      const dropped = this.#aggregates.drop(parseScopedKey(key).workspaceId, state);
      if (dropped.length === 0) continue;
      addUnpublished(
        state,
        dropped.map((hash) => `aggregate/${hash}`),
      );
      this.context.state.replace(key, state);
      touched.push(key);
    }
    this.#aggregates.search(undefined);
    return touched;
  }

  activeRecords(): readonly OutgoingRecord[] {
    const { partition } = this.context;
    const { backFill, logs } = this.options;
    backFill?.lacks(partition, this.#aggregates.unseeded, (records) => logs.send(records));
    const { active, retiring } = this.#aggregates.state;
    return [
      ...Object.values(active).map((one) => toActiveAggregateRecord(one, partition)),
      ...Object.values(retiring).map((one) => toRetiredAggregateRecord(one, partition)),
    ];
  }

  closed(): void {
    this.options.backFill?.lacks(this.context.partition, [], (records) => this.options.logs.send(records));
  }

  arrive(record: LogRecord): boolean {
    if (!this.#aggregates.arrive(fromSeededRecord(record), record.offset)) return false;
    this.context.state.replace(AGGREGATES, this.#aggregates.state);
    return true;
  }

  /**
   * 1. What the seeds changed is published, also of the fragments that were held when the last one was read.
   * 2. That all is known is in the state, and durable with every seed. A crash before: the seeds are read again.
   * 3. It is published. A crash before: the next life publishes it.
   */
  settleSeeds(areHeld: boolean): boolean {
    if (areHeld || !this.#aggregates.hasArrived) return false;
    this.#aggregates.settle();
    this.context.state.replace(AGGREGATES, this.#aggregates.state);
    this.context.checkpoint();
    this.activate();
    return true;
  }
}
