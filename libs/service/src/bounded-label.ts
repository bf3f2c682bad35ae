/** What stands for all values of a label beyond its bound. */
export const OTHER = 'other';

/**
 * The values of a metric's label that come from outside: the first so many stand for themselves, all others are `other`,
 * so that a metric has no more series than that.
 */
export class BoundedLabel {
  readonly #known = new Set<string>();

  constructor(private readonly most: number) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.most) return OTHER;
    this.#known.add(value);
    return value;
  }
}

/** The most workspaces that metrics name. */
export const MOST_LABELLED_WORKSPACES = 100;
