import { scopedKey } from '@tributary/kernel';
import type { Source } from '../sources/source-registry.port.js';

/** For whom bytes are held where no source is known. */
const NOBODY = '';

/**
 * Counts the bytes that the process holds for its clients, and refuses what would be too many. Half of them are split
 * into equal shares, one for each holder, that nobody else can take; the other half is for who comes first. So a
 * holder may take more than its share while there is room, and never that of others: within its share each gets what
 * it asks for, whatever the others do.
 */
export class InFlight {
  #bytes = 0;
  /** What holders have beyond their shares. */
  #common = 0;
  #share: number;
  readonly #held = new Map<string, number>();

  constructor(
    private readonly limit: number,
    holders = 1,
  ) {
    this.#share = this.#shareOf(holders);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many holders there are from now on. Shares that became smaller bind as soon as what is held is released. */
  shareAmong(holders: number): void {
    this.#share = this.#shareOf(holders);
    this.#common = 0;
    for (const held of this.#held.values()) this.#common += this.#beyond(held);
  }

  /** Takes room; false when there is none. What was taken is to be released once, by the same holder. */
  reserve(bytes: number, holder = NOBODY): boolean {
    const held = this.#held.get(holder) ?? 0;
    const more = this.#beyond(held + bytes) - this.#beyond(held);
    if (this.#bytes + bytes > this.limit) return false;
    if (more > 0 && this.#common + more > this.limit / 2) return false;
    this.#hold(holder, held, held + bytes);
    return true;
  }

  release(bytes: number, holder = NOBODY): void {
    const held = this.#held.get(holder) ?? 0;
    this.#hold(holder, held, held - bytes);
  }

  #hold(holder: string, before: number, now: number): void {
    this.#bytes += now - before;
    this.#common += this.#beyond(now) - this.#beyond(before);
    if (now > 0) this.#held.set(holder, now);
    else this.#held.delete(holder);
  }

  #beyond(held: number): number {
    return Math.max(0, held - this.#share);
  }

  #shareOf(holders: number): number {
    return Math.floor(this.limit / 2 / Math.max(1, holders));
  }
}

/** A source as a holder. */
export function holderOf({ workspaceId, sourceId }: Pick<Source, 'workspaceId' | 'sourceId'>): string {
  return scopedKey(workspaceId, sourceId);
}
