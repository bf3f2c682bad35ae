import { DAY_MS, ERASURES_REMEMBERED_MS } from '@tributary/contracts';
import type { Begun } from '@tributary/identity';
import { baseOf, digestOfIdentifier, generationOf, parseScopedKey, type Identifier } from '@tributary/kernel';
import type { KeyedState } from '@tributary/state';

/** Of an identifier that was erased, and of which nothing came since. */
interface BegunState extends Begun {
  readonly since: number;
}

/** Of a partner of somebody here: the first generation that may go on, as of an offset of the partition. */
interface OverState {
  readonly goesOnFrom: number;
  readonly offset: number;
  readonly since: number;
}

/** What is kept of generations that are over, under digests. `since`: in milliseconds since 1970. */
export type PastState = BegunState | OverState;

const BEGUN = '@begun/';
const OVER = '@over/';
/** A message that names a generation lies no longer in the log. */
const OVER_REMEMBERED_MS = 9 * DAY_MS;

/**
 * The generations of identifiers that are over in a partition, by digests, among its states: so they are in the changelog, too.
 * Who was erased is remembered for 30 days, a partner that left for nine.
 */
export class PastGenerations {
  readonly #begun = new Map<string, BegunState>();
  readonly #over = new Map<string, OverState>();

  constructor(
    private readonly state: KeyedState<PastState>,
    private readonly now: () => number,
  ) {
    for (const [key, one] of storedIn(state, BEGUN)) if ('erasedUntil' in one) this.#begun.set(key, one);
    for (const [key, one] of storedIn(state, OVER)) if ('offset' in one) this.#over.set(key, one);
  }

  /** Whether the state is one of these, and of no identifier. */
  static isOne(state: object): state is PastState {
    return 'since' in state;
  }

  /** In which generation a scoped identifier begins of which nothing is known; undefined where it was never erased. */
  begun(key: string): Begun | undefined {
    return this.#begun.size === 0 ? undefined : this.#begun.get(BEGUN + digestOf(key));
  }

  /** Nothing is left of a scoped identifier; what comes of it is of this generation. */
  begin(key: string, { generation, erasedUntil }: Begun): void {
    this.#expire();
    this.#keep(this.#begun, BEGUN + digestOf(key), { generation, erasedUntil, since: this.now() });
  }

  /** A generation is over, for what lies behind this offset. */
  end(workspaceId: string, id: Identifier, offset: number): void {
    const key = OVER + digestOfIdentifier(workspaceId, baseOf(id));
    const goesOnFrom = generationOf(id) + 1;
    if (goesOnFrom <= (this.#over.get(key)?.goesOnFrom ?? 0)) return;
    this.#expire();
    this.#keep(this.#over, key, { goesOnFrom, offset, since: this.now() });
  }

  /** Whether a generation is over for a record at this offset. Where nobody was erased it costs nothing. */
  isOver(workspaceId: string, id: Identifier, offset: number): boolean {
    if (this.#over.size === 0) return false;
    const over = this.#over.get(OVER + digestOfIdentifier(workspaceId, baseOf(id)));
    return over !== undefined && over.offset < offset && generationOf(id) < over.goesOnFrom;
  }

  #keep<S extends PastState>(known: Map<string, S>, key: string, one: S): void {
    known.delete(key);
    known.set(key, one);
    this.state.replace(key, one);
  }

  #expire(): void {
    expire(this.#begun, this.state, this.now() - ERASURES_REMEMBERED_MS);
    expire(this.#over, this.state, this.now() - OVER_REMEMBERED_MS);
  }
}

function expire(known: Map<string, PastState>, state: KeyedState<PastState>, before: number): void {
  for (const [key, { since }] of known) {
    // The map is in the order in which they came.
    if (since >= before) return;
    known.delete(key);
    state.delete(key);
  }
}

function storedIn(state: KeyedState<PastState>, prefix: string): readonly (readonly [string, PastState])[] {
  const stored: [string, PastState][] = [];
  for (const { key, state: one } of state.storedAfter(prefix)) {
    if (!key.startsWith(prefix)) break;
    stored.push([key, one]);
  }
  return stored.sort(([, a], [, b]) => a.since - b.since);
}

function digestOf(key: string): string {
  const { workspaceId, id } = parseScopedKey(key);
  return digestOfIdentifier(workspaceId, id);
}
