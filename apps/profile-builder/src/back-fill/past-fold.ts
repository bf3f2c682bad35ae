import {
  beginAggregate,
  compileAggregate,
  compileValue,
  foldOccurrence,
  type Aggregate,
  type EventTest,
  type FoldedAggregate,
  type MatchableEvent,
} from '@tributary/audiences';
import { seededKey, TOPICS, type SeededMessage, type SeedMessage } from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { Generation } from '../fragments/active-aggregates.js';
import type { PastEvent } from './past-events.js';

/** An aggregate of a workspace, and its generation in each partition that lacks what was before. */
export interface Lacking {
  readonly workspaceId: string;
  readonly aggregate: Aggregate;
  readonly partitions: ReadonlyMap<number, Generation>;
}

interface Compiled extends Lacking {
  readonly matches: EventTest;
  readonly valueOf: (event: MatchableEvent) => unknown;
}

/**
 * Folds the past of one identifier after the other by what folds events live, and in any order: which entries are kept does
 * not depend on it. In memory: the states of one identifier.
 */
export class PastFold {
  readonly #compiled: readonly Compiled[];
  #identifier: string | undefined;
  #partition = 0;
  #states = new Map<Compiled, FoldedAggregate>();

  constructor(lacking: readonly Lacking[]) {
    this.#compiled = lacking.map((one) => ({
      ...one,
      matches: compileAggregate(one.aggregate),
      valueOf: compileValue(one.aggregate),
    }));
  }

  /** Takes the next event in, of the identifier of the one before or of another; answers with the seeds of the one before, where it is another. */
  take(event: PastEvent): readonly OutgoingRecord[] {
    const seeds = this.#identifier === event.identifier ? [] : this.end();
    this.#identifier = event.identifier;
    this.#partition = event.partition;
    for (const one of this.#compiled) {
      const generation = one.partitions.get(event.partition);
      if (!generation || event.offset >= generation.offset || !one.matches(event)) continue;
      const before = this.#states.get(one) ?? beginAggregate(generation.generation, generation.bound);
      const value = one.aggregate.value ? one.valueOf(event) : undefined;
      this.#states.set(one, foldOccurrence(one.aggregate, before, { ...event.occurrence, value }));
    }
    return seeds;
  }

  /** The seeds of the last identifier. */
  end(): readonly OutgoingRecord[] {
    const [identifier, partition] = [this.#identifier, this.#partition];
    if (identifier === undefined || this.#states.size === 0) return [];
    const seeds = [...this.#states].map(([one, state]) => seedRecord(one, { identifier, partition }, state));
    this.forget();
    return seeds;
  }

  /** What was taken of the last identifier counts for nothing: it comes again. */
  forget(): void {
    this.#identifier = undefined;
    this.#states = new Map();
  }
}

function seedRecord(
  { workspaceId, aggregate }: Lacking,
  { identifier, partition }: { readonly identifier: string; readonly partition: number },
  { generation, live }: FoldedAggregate,
): OutgoingRecord {
  const { hash, kind, value } = aggregate;
  const as = value?.as && { as: value.as };
  const part = live as SeedMessage['part'];
  const seed: SeedMessage = { workspaceId, identifier, aggregate: hash, kind, ...as, generation, part };
  return {
    ...{ topic: TOPICS.seeds.name, partition, key: scopedKey(workspaceId, identifier) },
    value: JSON.stringify(seed),
    headers: { schema: 'seed@1' },
  };
}

/** That all seeds of an aggregate are in, in each of these partitions. */
export function seededRecords(
  { workspaceId, aggregate: { hash: aggregate }, partitions }: Lacking,
  isAsked: (partition: number) => boolean,
): readonly OutgoingRecord[] {
  return [...partitions]
    .filter(([partition]) => isAsked(partition))
    .map(([partition, { generation }]) => ({
      ...{ topic: TOPICS.seeds.name, partition, key: seededKey(workspaceId, aggregate, partition) },
      value: JSON.stringify({ workspaceId, aggregate, partition, generation } satisfies SeededMessage),
      headers: { schema: 'seeded@1' },
    }));
}
