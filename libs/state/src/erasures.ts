import { ERASURES_REMEMBERED_MS } from '@tributary/contracts';
import { digestOfIdentifier, parseScopedKey } from '@tributary/kernel';
import type { KeyedState } from './keyed-state.js';

/** What is kept of an erasure: no name, only until when what was received is forgotten, in milliseconds since 1970. */
export interface ErasedState {
  readonly erasedUntil: number;
}

const PREFIX = '@erased/';

/**
 * The erasures that a partition of the event log had, by digests, among its states: so they are in the changelog, too. An
 * event that comes late, or is sent again, is asked about here. Each is remembered for 30 days, which no spool, no retention
 * of the event log and nothing rejected outlasts; it takes about 200 bytes of memory.
 */
export class Erasures {
  readonly #until = new Map<string, number>();
  #latest = -Infinity;

  constructor(
    private readonly state: KeyedState<ErasedState>,
    private readonly now: () => number,
  ) {
    for (const { key, state: one } of state.storedAfter(PREFIX)) {
      if (!key.startsWith(PREFIX)) break;
      this.#note(key, one.erasedUntil);
    }
    this.#expire();
  }

  /** Whether the state is one of these, and none of the processor's own. */
  static isOne(state: object): state is ErasedState {
    return 'erasedUntil' in state;
  }

  /** What was received of a scoped identifier up to an instant is forgotten from now on. */
  remember(key: string, until: number): void {
    this.#expire();
    const erased = keyOf(key);
    if (until <= (this.#until.get(erased) ?? -Infinity)) return;
    this.state.replace(erased, { erasedUntil: until });
    this.#note(erased, until);
  }

  /** Whether what was received of a scoped identifier at an instant is forgotten. Of what is later than all it costs nothing. */
  covers(key: string, receivedAt: number): boolean {
    return receivedAt <= this.#latest && receivedAt <= (this.#until.get(keyOf(key)) ?? -Infinity);
  }

  /** Whether a scoped identifier was ever forgotten. */
  knows(key: string): boolean {
    return this.#until.size > 0 && this.#until.has(keyOf(key));
  }

  #note(erased: string, until: number): void {
    this.#until.set(erased, until);
    this.#latest = Math.max(this.#latest, until);
  }

  #expire(): void {
    const before = this.now() - ERASURES_REMEMBERED_MS;
    for (const [erased, until] of this.#until) {
      if (until >= before) continue;
      this.#until.delete(erased);
      this.state.delete(erased);
    }
  }
}

function keyOf(key: string): string {
  const { workspaceId, id } = parseScopedKey(key);
  return PREFIX + digestOfIdentifier(workspaceId, id);
}
