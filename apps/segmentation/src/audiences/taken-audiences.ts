import { KnownHere, type KnownFrom, type KnownReader } from '@tributary/processing';
import type { Logs } from '@tributary/kafka';
import { isDeepStrictEqual } from 'node:util';
import { readBy, withFacts, type Audience } from './audiences-in-force.js';

/** Of a partition: by which definitions it is evaluated, and which wait until what they read is known. Plain JSON. */
export interface TakenState {
  /** By `workspaceId/key`. */
  readonly taken: Readonly<Record<string, Omit<Audience, 'facts'>>>;
  /** Names of those that were met before they were known. */
  readonly waited: readonly string[];
  readonly from: KnownFrom;
}

interface Taken {
  readonly audience: Audience;
  readonly stored: TakenState['taken'][string];
}

export const NOTHING_TAKEN: TakenState = { taken: {}, waited: [], from: {} };

/**
 * The definitions by which a partition is evaluated. One is taken when what it reads is known here, all of history; the
 * definition before it answers until then. They are in the state, so a restart goes on with the same.
 */
export class TakenAudiences {
  readonly #known: KnownHere;
  #taken: ReadonlyMap<string, Taken>;
  #all: ReadonlyMap<string, Audience> | undefined;
  #waited: ReadonlySet<string>;
  /** Those that are in force and not taken. */
  #waiting: ReadonlyMap<string, Audience> = new Map();

  constructor(
    private readonly of: {
      readonly partition: number;
      readonly known: KnownReader;
      readonly logs: Pick<Logs, 'bounds'>;
    },
    { taken, waited, from }: TakenState,
  ) {
    this.#known = new KnownHere(of, from);
    this.#taken = new Map(
      Object.entries(taken).map(([id, stored]) => [id, { audience: withFacts(stored), stored }]),
    );
    this.#waited = new Set(waited);
  }

  get state(): TakenState {
    const taken = [...this.#taken].map(([id, { stored }]) => [id, stored] as const);
    return { taken: Object.fromEntries(taken), waited: [...this.#waited], from: this.#known.from };
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, Audience> {
    return (this.#all ??= new Map([...this.#taken].map(([id, { audience }]) => [id, audience])));
  }

  /** Looks at what is in force and known now; then {@link take} may take some, and those that are gone are let go. */
  async look(inForce: ReadonlyMap<string, Audience>): Promise<void> {
    this.#taken = new Map([...this.#taken].filter(([id]) => inForce.has(id)));
    this.#all = undefined;
    this.#waiting = new Map(
      [...inForce].filter(
        ([id, { definitionHash }]) => this.#taken.get(id)?.audience.definitionHash !== definitionHash,
      ),
    );
    const awaited = [...this.#waiting].map(([id, audience]) => {
      const { workspaceId } = audience;
      return [nameOf(id, audience), { workspaceId, aggregates: readBy(audience) }] as const;
    });
    const reading = awaited.filter(([, { aggregates }]) => aggregates.length > 0);
    await this.#known.look(new Map(reading));
    const unknown = reading.filter(
      ([, { workspaceId, aggregates }]) => !this.of.known.isKnown(workspaceId, aggregates),
    );
    const names = new Set(reading.map(([name]) => name));
    const before = [...this.#waited].filter((name) => names.has(name));
    this.#waited = new Set([...before, ...unknown.map(([name]) => name)]);
  }

  /** Whether one is known to who has read the partition up to this offset, and not taken. */
  isDue(reached: number): boolean {
    for (const [id, audience] of this.#waiting) if (this.#isKnown(id, audience, reached)) return true;
    return false;
  }

  /**
   * Takes those that are known to who has read up to this offset. One that had to wait takes effect now, and not when
   * it was defined; so does one of whose traits the rules are others.
   */
  take(reached: number, now: number): void {
    const taken = new Map(this.#taken);
    const waiting = new Map(this.#waiting);
    const waited = new Set(this.#waited);
    for (const [id, audience] of this.#waiting) {
      if (!this.#isKnown(id, audience, reached)) continue;
      const hasWaited = waited.delete(nameOf(id, audience));
      const one = hasWaited || this.#isByRules(id, audience) ? { ...audience, definedAt: now } : audience;
      const { facts: _facts, ...stored } = one;
      taken.set(id, { audience: one, stored });
      waiting.delete(id);
    }
    this.#taken = taken;
    this.#all = undefined;
    this.#waiting = waiting;
    this.#waited = waited;
  }

  #isByRules(id: string, { merges }: Audience): boolean {
    const before = this.#taken.get(id)?.audience;
    return before !== undefined && !isDeepStrictEqual(before.merges, merges);
  }

  #isKnown(id: string, audience: Audience, reached: number): boolean {
    const { workspaceId } = audience;
    const aggregates = readBy(audience);
    if (aggregates.length === 0) return true;
    // What was known when it was looked at may be known no more: nobody had asked for it in a while.
    return (
      this.#known.isKnown(nameOf(id, audience), reached) && this.of.known.isKnown(workspaceId, aggregates)
    );
  }
}

function nameOf(id: string, { definitionHash }: Audience): string {
  return `${definitionHash} ${id}`;
}
