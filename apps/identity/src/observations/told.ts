/**
 * Remembers which pairs were published lately, so that an event that says the same costs one look-up. It holds texts of at most
 * `most` UTF-16 units, in two generations. When the younger has half of them, it becomes the elder, and the elder goes.
 */
export class Told {
  #young = new Map<string, string>();
  #old: ReadonlyMap<string, string> = new Map<string, string>();
  #size = 0;

  constructor(private readonly most: number) {}

  /** Whether they are remembered, first seen at this instant or before. */
  has(who: string, instant: string): boolean {
    const at = this.#young.get(who) ?? this.#old.get(who);
    if (at === undefined || at > instant) return false;
    if (!this.#young.has(who)) this.add(who, at);
    return true;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#size = 0;
  }

  add(who: string, instant: string): void {
    const at = this.#young.get(who) ?? this.#old.get(who);
    if (!this.#young.has(who)) this.#size += who.length + instant.length;
    this.#young.set(who, at !== undefined && at < instant ? at : instant);
    if (this.#size < this.most / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#size = 0;
  }
}
