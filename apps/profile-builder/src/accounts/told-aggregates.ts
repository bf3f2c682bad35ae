import type { KnownReader, KnownProgress, ReadAggregate } from '@tributary/processing';
import { scopedKey } from '@tributary/kernel';
import type { ToldState } from './account-state.js';

/** The aggregates that every partition of profiles tells accounts of: by what their records in this partition say. */
export class ToldAggregates implements KnownReader {
  readonly #told = new Map<string, ReadonlyMap<string, number>>();

  /** `partitions`: how many profiles have. */
  constructor(public partitions = 0) {}

  take({ workspaceId, partition, aggregates }: ToldState): void {
    const told = new Map(aggregates.map(({ hash, bound }) => [hash, bound]));
    this.#told.set(scopedKey(workspaceId, String(partition)), told);
  }

  isKnown(workspaceId: string, aggregates: readonly ReadAggregate[]): boolean {
    const { known, partitions } = this.progressOf(workspaceId, aggregates);
    return partitions > 0 && known === partitions;
  }

  progressOf(workspaceId: string, aggregates: readonly ReadAggregate[]): KnownProgress {
    const known = Array.from({ length: this.partitions }, (_, partition) => {
      return this.#told.get(scopedKey(workspaceId, String(partition)));
    }).filter((told) =>
      aggregates.every(({ aggregate, bound }) => (told?.get(aggregate.hash) ?? -1) >= bound),
    );
    return { active: known.length, known: known.length, partitions: this.partitions };
  }
}
