import {
  beginAggregate,
  compileAggregate,
  compileValue,
  foldOccurrence,
  mergeBase,
  regenerate,
  type Aggregate,
  type EventTest,
  type FoldedAggregate,
  type MatchableEvent,
  type Occurring,
} from '@tributary/audiences';
import type { EventMessage, SeedMessage } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import type { PlacedFragment } from '@tributary/profiles';
import type { WantedInWorkspace } from './aggregates-in-force.js';

/** How much of an aggregate is kept of the events from an offset on. */
interface Generation {
  readonly generation: number;
  readonly bound: number;
  /** The activation offset. */
  readonly offset: number;
}

/** An aggregate that is folded. */
export interface ActiveAggregate {
  readonly workspaceId: string;
  readonly aggregate: Aggregate;
  /** From which offset on it has been folded, in however many generations. */
  readonly since: number;
  /** The last one, and the one before it: a life that begins before an activation folds what was before by that. */
  readonly generations: readonly Generation[];
}

/** The aggregates that one partition folds, by `workspaceId/hash`. Plain JSON. */
export interface AggregatesState {
  /**
   * No activation is before this offset: some fragments came from a changelog that ran ahead of its marker, and have events
   * up to here folded without it.
   */
  readonly notBefore: number;
  readonly active: Readonly<Record<string, ActiveAggregate>>;
}

interface Compiled {
  readonly active: ActiveAggregate;
  readonly matches: EventTest;
  readonly valueOf: (event: MatchableEvent) => unknown;
}

/** Folds events into the aggregates that each is one of, without asking those of other event names. */
export class ActiveAggregates {
  #state: AggregatesState;
  #byName = new Map<string, Compiled[]>();

  constructor(state: AggregatesState) {
    this.#state = state;
    this.#index();
  }

  get state(): AggregatesState {
    return this.#state;
  }

  /**
   * Activates what is wanted and not folded yet, or not as much of it, from this offset on where it can; answers whether
   * there was any. The state has to be durable before an event is folded: another life may otherwise activate it at another offset.
   */
  activate(wanted: ReadonlyMap<string, WantedInWorkspace>, offset: number): boolean {
    const news = [...wanted].flatMap(([key, want]) => {
      const active = this.#state.active[key];
      const last = active?.generations.at(-1);
      if (last && last.bound >= want.bound) return [];
      return [[key, activated(active, want, Math.max(offset, this.#state.notBefore))] as const];
    });
    if (news.length === 0) return false;
    this.#state = { ...this.#state, active: { ...this.#state.active, ...Object.fromEntries(news) } };
    this.#index();
    return true;
  }

  /** No activation from now on is before this offset. */
  delay(notBefore: number): void {
    this.#state = { ...this.#state, notBefore };
  }

  /** Folds an event that is in the fragment already; answers with the hashes of the aggregates that changed. */
  fold(
    placed: PlacedFragment,
    event: EventMessage,
    occurrence: Occurring,
    offset: number,
  ): readonly string[] {
    const { aggregates } = placed.fragment;
    return this.#candidates(event).flatMap(({ active, matches, valueOf }) => {
      const generation = active.generations.findLast((one) => one.offset <= offset);
      if (!generation || !matches(event)) return [];
      const { aggregate } = active;
      const known = aggregates[aggregate.hash] as FoldedAggregate | undefined;
      // A seed of a generation that begins behind this event has it already.
      if (known && known.generation > generation.generation) return [];
      const before = ofGeneration(active, generation, known, placed);
      const value = aggregate.value ? valueOf(event) : undefined;
      const after = foldOccurrence(aggregate, before, { ...occurrence, value });
      if (after === known) return [];
      aggregates[aggregate.hash] = after;
      return [aggregate.hash];
    });
  }

  /** Takes in what was before; answers whether anything changed. Not for an identifier without events, which has no past. */
  seed(placed: PlacedFragment, seed: SeedMessage, version: number): boolean {
    const active = this.#state.active[scopedKey(seed.workspaceId, seed.aggregate)];
    const last = active?.generations.at(-1);
    const isOurs = last?.generation === seed.generation && active?.aggregate.kind === seed.kind;
    if (!active || !last || !isOurs || placed.born === undefined) return false;
    const { aggregates } = placed.fragment;
    const known = aggregates[seed.aggregate] as FoldedAggregate | undefined;
    const { generation, part } = seed;
    const before = ofGeneration(active, last, known, placed);
    const after = mergeBase(active.aggregate, before, { generation, version, part });
    if (after === known) return false;
    aggregates[seed.aggregate] = after;
    return true;
  }

  #candidates(event: EventMessage): readonly Compiled[] {
    const name = (event.type === 'track' ? event.event : event.name) ?? '';
    return [
      ...(this.#byName.get(`${event.workspaceId} ${event.type} ${name}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} ${event.type}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} any`) ?? []),
    ];
  }

  #index(): void {
    this.#byName = new Map();
    for (const active of Object.values(this.#state.active)) {
      const { workspaceId, aggregate } = active;
      const name = aggregate.call === 'any' || aggregate.name === undefined ? '' : ` ${aggregate.name}`;
      const key = `${workspaceId} ${aggregate.call}${name}`;
      const compiled = { active, matches: compileAggregate(aggregate), valueOf: compileValue(aggregate) };
      this.#byName.set(key, [...(this.#byName.get(key) ?? []), compiled]);
    }
  }
}

function activated(
  before: ActiveAggregate | undefined,
  { workspaceId, aggregate, bound }: WantedInWorkspace,
  offset: number,
): ActiveAggregate {
  const last = before?.generations.at(-1);
  const generation = Math.max(offset, (last?.generation ?? -1) + 1);
  // Of one that began at the same offset nothing was folded.
  const former = (before?.generations ?? []).filter((one) => one.offset < offset).slice(-1);
  const generations = [...former, { generation, bound, offset }];
  return { workspaceId, aggregate, since: before?.since ?? offset, generations };
}

/** The state in the generation: the one that there is, as it goes on, or one that begins. */
function ofGeneration(
  { aggregate, since }: ActiveAggregate,
  { generation, bound }: Generation,
  known: FoldedAggregate | undefined,
  { born = 0 }: PlacedFragment,
): FoldedAggregate {
  if (!known) return beginAggregate(generation, bound, { isNew: born >= since });
  return known.generation < generation ? regenerate(aggregate, known, generation, bound) : known;
}
