import { baseOf, generationOf, type Identifier } from '@tributary/kernel';
import type { Message } from '../src/messages.js';
import type { Begun, ResolverState } from '../src/resolver-state.js';

/** What one step says to one identifier, or rules that are in force from here on. */
export type Entry =
  | { readonly kind: 'record'; readonly to: Identifier; readonly messages: readonly Message[] }
  | { readonly kind: 'rules'; readonly version: number };

export interface Held {
  readonly state: ResolverState;
  readonly offset: number;
}

/** One partition: its log, what its owner has in memory, and what the owner would find after a crash. */
export class Partition {
  readonly log: Entry[] = [];
  held = new Map<Identifier, Held>();
  read = 0;
  /** Of partners, the first generation that is not known to be over, and where that was read. */
  over = new Map<Identifier, { readonly generation: number; readonly at: number }>();
  /** Of those that were erased, and of which nothing came since. */
  begun = new Map<Identifier, Begun>();
  readonly unanswered = new Set<Identifier>();
  reviewed = 0;
  #checkpoint = {
    read: 0,
    held: new Map<Identifier, string>(),
    over: new Map(this.over),
    begun: new Map(this.begun),
  };

  rulesAt(offset: number): number {
    for (let i = offset; i >= 0; i -= 1) {
      const entry = this.log[i];
      if (entry?.kind === 'rules') return entry.version;
    }
    return 0;
  }

  /** A generation is over, for what lies behind. */
  end(z: Identifier, at: number): void {
    const generation = generationOf(z) + 1;
    if (generation > (this.over.get(baseOf(z))?.generation ?? 0))
      this.over.set(baseOf(z), { generation, at });
  }

  checkpoint(): void {
    this.#checkpoint = {
      read: this.read,
      held: new Map([...this.held].map(([id, held]) => [id, JSON.stringify(held)])),
      over: new Map(this.over),
      begun: new Map(this.begun),
    };
  }

  /** Some keys are as in the changelog, which ran ahead of the marker; the others as of the marker. */
  crash(isAhead: () => boolean): void {
    const restored = new Map<Identifier, Held>();
    const { held: checkpoint, over, begun } = this.#checkpoint;
    const wasBegun = new Map(begun);
    for (const id of new Set([...this.held.keys(), ...checkpoint.keys(), ...this.begun.keys()])) {
      const now = this.begun.get(id);
      if (isAhead() && now) wasBegun.set(id, now);
      const held = this.held.get(id);
      const stored = isAhead() ? held && JSON.stringify(held) : checkpoint.get(id);
      if (stored !== undefined) restored.set(id, JSON.parse(stored) as Held);
    }
    for (const [id, one] of this.over) if (isAhead()) over.set(id, one);
    this.over = new Map(over);
    this.begun = wasBegun;
    this.held = restored;
    this.read = this.#checkpoint.read;
    this.reviewed = 0;
    this.unanswered.clear();
    for (const id of restored.keys()) this.unanswered.add(id);
  }
}
