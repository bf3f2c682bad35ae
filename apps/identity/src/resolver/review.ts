import type { KeyedState, PartitionStore, TableWriter } from '@tributary/state';

const REVIEW = 'review';
const PLACE = 'after';
/** At most so many are looked at in one go, which takes a few milliseconds. */
const LOOKED_AT = 500;

/** Goes through the states of a partition after its rules changed, some at a time; a restart goes on where it was. */
export class Review<S extends object> {
  /** The stored key after which it goes on; undefined where there is nothing to review. */
  #after: string | undefined;

  constructor(
    private readonly state: KeyedState<S>,
    private readonly store: PartitionStore,
  ) {}

  get isUnderWay(): boolean {
    return this.#after !== undefined;
  }

  /** Takes up what a checkpoint left. */
  restore(): void {
    this.#after = this.store.getFrom(REVIEW, PLACE);
  }

  /** Begins anew. Answers with the states that no store has yet: they are looked at once, now. */
  begin(): Iterable<{ readonly key: string; readonly state: S }> {
    this.#after = '';
    return this.state.changed();
  }

  /** The keys of the next states that are to be reviewed, so many at most. */
  next(isToBeReviewed: (key: string, state: S) => boolean, most: number): readonly string[] {
    const found: string[] = [];
    let looked = 0;
    for (const { key, storedKey, state } of this.state.storedAfter(this.#after ?? '')) {
      if (looked >= LOOKED_AT || found.length >= most) return found;
      looked += 1;
      this.#after = storedKey;
      if (isToBeReviewed(key, state)) found.push(key);
    }
    this.#after = undefined;
    return found;
  }

  checkpoint(writer: TableWriter): void {
    if (this.#after === undefined) writer.remove(REVIEW, PLACE);
    else writer.put(REVIEW, PLACE, this.#after);
  }
}
