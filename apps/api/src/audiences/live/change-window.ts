/** A change, as listeners get it. `text` is its JSON. */
export interface ToldChange {
  readonly workspaceId: string;
  readonly audienceKey: string;
  readonly text: string;
}

/** What somebody who was at a position has missed. */
export interface Missed {
  readonly changes: readonly ToldChange[];
  /** There may have been more, which nobody here knows. */
  readonly hasGap: boolean;
}

export interface WindowBounds {
  readonly changes: number;
  /** Of their texts, in UTF-16 units. */
  readonly length: number;
}

const DEFAULT_BOUNDS: WindowBounds = { changes: 20_000, length: 8 * 1024 * 1024 };

/**
 * The latest changes of all audiences that one process has read, in that order, as many as there is room for. A position is
 * the name of a window and how many changes it had taken: what another window has read in between nobody knows.
 */
export class ChangeWindow {
  readonly #told: ToldChange[] = [];
  #length = 0;
  /** How many were dropped for want of room. */
  #dropped = 0;

  /** No other window has the name: letters, digits and hyphens. */
  constructor(
    private readonly name: string,
    private readonly bounds: WindowBounds = DEFAULT_BOUNDS,
  ) {}

  /** Takes the next change in. */
  take(change: ToldChange): void {
    this.#told.push(change);
    this.#length += change.text.length;
    if (this.#told.length <= this.bounds.changes && this.#length <= this.bounds.length) return;
    // Half at once: what is dropped one by one moves all the others each time.
    const dropped = this.#told.splice(0, Math.ceil(this.#told.length / 2));
    this.#dropped += dropped.length;
    for (const { text } of dropped) this.#length -= text.length;
  }

  /** Where somebody is who has read all of it. */
  get position(): string {
    return `${this.name}/${this.#dropped + this.#told.length}`;
  }

  /** Changes of an audience behind a position, of any window; undefined where the text is none. */
  since(
    position: string,
    { workspaceId, audienceKey }: Pick<ToldChange, 'workspaceId' | 'audienceKey'>,
  ): Missed | undefined {
    const [, name, count] = /^([\w-]{1,100})\/(\d{1,15})$/.exec(position) ?? [];
    if (name === undefined) return undefined;
    const from = Number(count) - this.#dropped;
    if (name !== this.name || from < 0) return { changes: [], hasGap: true };
    const isOf = (one: ToldChange) => one.workspaceId === workspaceId && one.audienceKey === audienceKey;
    return { changes: this.#told.slice(from).filter(isOf), hasGap: false };
  }
}
