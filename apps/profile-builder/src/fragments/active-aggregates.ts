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
import type { EventMessage, SeededMessage, SeedMessage } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import type { PlacedFragment } from '@tributary/profiles';
import type { WantedInWorkspace } from './aggregates-in-force.js';

/** How much of an aggregate is kept of the events from an offset on. */
export interface Generation {
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
  /** All that was before is in as far as this bound needs it; `offset`, of the record that said so. */
  readonly known?: { readonly bound: number; readonly offset: number };
  /** The seeds of the last generation are in, and not all of their facts are published yet; by which record. */
  readonly arrived?: number;
}

/** What an aggregate of a partition still lacks: the seeds of its last generation. */
export interface Unseeded extends Generation {
  readonly workspaceId: string;
  readonly aggregate: Aggregate;
}

/** The aggregates that one partition folds, by `workspaceId/hash`. Plain JSON. */
export interface AggregatesState {
  /**
   * No activation is before this offset: some fragments came from a changelog that ran ahead of its marker, and have events
   * up to here folded without it.
   */
  readonly notBefore: number;
  readonly active: Readonly<Record<string, ActiveAggregate>>;
  /** Since when no definition asks for an active one, in milliseconds since 1970. */
  readonly unwanted: Readonly<Record<string, number>>;
  /** Those that are folded no more, while fragments are searched for their states. */
  readonly retiring: Readonly<Record<string, ActiveAggregate>>;
  /** The last stored key that was searched. */
  readonly searched: string;
  /** The highest generation of one that was retired: those that come are higher. */
  readonly lastRetired: number;
}

export const NO_AGGREGATES: AggregatesState = {
  notBefore: 0,
  active: {},
  unwanted: {},
  retiring: {},
  searched: '',
  lastRetired: -1,
};

/** So long an aggregate goes on that nobody asks for: a definition is often changed, and changed back. */
export const RETIRED_AFTER_MS = 3_600_000;

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
    const { notBefore, lastRetired } = this.#state;
    const news = [...wanted].flatMap(([key, want]) => {
      const active = this.#state.active[key];
      const last = active?.generations.at(-1);
      // One that is being retired begins anew when no fragment has its former state any more.
      if (this.#state.retiring[key] || (last && last.bound >= want.bound)) return [];
      return [[key, activated(active, want, Math.max(offset, notBefore), lastRetired)] as const];
    });
    if (news.length === 0) return false;
    this.#state = { ...this.#state, active: { ...this.#state.active, ...Object.fromEntries(news) } };
    this.#index();
    return true;
  }

  /**
   * Notes which of those that are folded nobody asks for; answers whether these are others than before. In a workspace where
   * the past of one is still to come, none: the definition before the one that waits for it answers meanwhile.
   */
  noteUnwanted(wanted: ReadonlyMap<string, WantedInWorkspace>, now: number): boolean {
    const before = this.#state.unwanted;
    const all = Object.entries(this.#state.active);
    const building = new Set(
      all.flatMap(([key, one]) => (wanted.has(key) && isUnseeded(one) ? [one.workspaceId] : [])),
    );
    const keys = all.flatMap(([key, one]) => (wanted.has(key) || building.has(one.workspaceId) ? [] : [key]));
    const unwanted = Object.fromEntries(keys.map((key) => [key, before[key] ?? now]));
    this.#state = { ...this.#state, unwanted };
    return keys.length !== Object.keys(before).length || keys.some((key) => before[key] === undefined);
  }

  /** When the next one is to be retired; `Infinity` where none is. */
  get retiresAt(): number {
    return Math.min(...Object.values(this.#state.unwanted)) + RETIRED_AFTER_MS;
  }

  /** Folds those no more that nobody has asked for in a while; answers whether there are any. */
  retire(now: number): boolean {
    const { active, unwanted, retiring, lastRetired } = this.#state;
    const isDue = (key: string) => (unwanted[key] ?? Infinity) + RETIRED_AFTER_MS <= now;
    const due = Object.entries(active).filter(([key]) => isDue(key));
    if (due.length === 0) return false;
    const rest = <V>(of: Readonly<Record<string, V>>) =>
      Object.fromEntries(Object.entries(of).filter(([key]) => !isDue(key)));
    this.#state = {
      ...this.#state,
      active: rest(active),
      unwanted: rest(unwanted),
      retiring: { ...retiring, ...Object.fromEntries(due) },
      searched: '',
      lastRetired: Math.max(
        lastRetired,
        ...due.map(([, { generations }]) => generations.at(-1)?.generation ?? -1),
      ),
    };
    this.#index();
    return true;
  }

  /** The states of retired aggregates have been taken out of the fragments up to a stored key; of all unless given. */
  search(through: string | undefined): void {
    this.#state =
      through === undefined
        ? { ...this.#state, retiring: {}, searched: '' }
        : { ...this.#state, searched: through };
  }

  /** The groups of all aggregates of a workspace that fragments may have facts of. */
  groupsOf(workspaceId: string): readonly string[] {
    const all = [...Object.values(this.#state.active), ...Object.values(this.#state.retiring)];
    return all.flatMap((one) => (one.workspaceId === workspaceId ? [`aggregate/${one.aggregate.hash}`] : []));
  }

  /** Whether fragments are still to be searched. */
  isRetiring(): boolean {
    return Object.keys(this.#state.retiring).length > 0;
  }

  /** Takes the states of retired aggregates out of a fragment; answers with their hashes. */
  drop(workspaceId: string, placed: PlacedFragment): readonly string[] {
    const { aggregates } = placed.fragment;
    const hashes = Object.keys(aggregates).filter(
      (hash) => this.#state.retiring[scopedKey(workspaceId, hash)],
    );
    if (hashes.length === 0) return [];
    const kept = Object.entries(aggregates).filter(([hash]) => !hashes.includes(hash));
    placed.fragment.aggregates = Object.fromEntries(kept);
    return hashes;
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

  /**
   * Takes in what was before; answers whether anything changed. Not for an identifier without events, which has no past;
   * unless the partition has not read up to the activation again, where its events may be. `reached`: the next offset.
   */
  seed(placed: PlacedFragment, seed: SeedMessage, version: number, reached: number): boolean {
    const active = this.#state.active[scopedKey(seed.workspaceId, seed.aggregate)];
    const last = active?.generations.at(-1);
    const isOurs = last?.generation === seed.generation && active?.aggregate.kind === seed.kind;
    if (!active || !last || !isOurs) return false;
    if (placed.born === undefined && (reached >= last.offset || seed.part.entries.length === 0)) return false;
    const { aggregates } = placed.fragment;
    const known = aggregates[seed.aggregate] as FoldedAggregate | undefined;
    const { generation, part } = seed;
    const before = ofGeneration(active, last, known, placed);
    const after = mergeBase(active.aggregate, before, { generation, version, part });
    if (after === known) return false;
    aggregates[seed.aggregate] = after;
    return true;
  }

  /** The seeds of a generation are in, by the record of this offset; answers whether that is news. */
  arrive({ workspaceId, aggregate, generation }: SeededMessage, offset: number): boolean {
    const key = scopedKey(workspaceId, aggregate);
    const active = this.#state.active[key];
    if (!active || active.generations.at(-1)?.generation !== generation || !isUnseeded(active)) return false;
    this.#replace({ [key]: { ...active, arrived: offset } });
    return true;
  }

  /** Whether there are seeds that are in, and whose facts may not all be published. */
  get hasArrived(): boolean {
    return Object.values(this.#state.active).some(({ arrived }) => arrived !== undefined);
  }

  /** The facts of the seeds that are in are published: what was before is known. */
  settle(): void {
    const settled = Object.entries(this.#state.active).flatMap(([key, { arrived, ...active }]) => {
      const bound = active.generations.at(-1)?.bound;
      if (arrived === undefined || bound === undefined) return [];
      return [[key, { ...active, known: { bound, offset: arrived } }] as const];
    });
    this.#replace(Object.fromEntries(settled));
  }

  /** Takes back what records said that are still to be read, as of a state that ran ahead of them. */
  unlearn(reached: number): void {
    const ahead = Object.entries(this.#state.active).flatMap(([key, { arrived = -1, known, ...active }]) => {
      if (arrived < reached && (known?.offset ?? -1) < reached) return [];
      const kept = known && known.offset < reached ? { known } : {};
      return [[key, { ...active, ...kept, ...(arrived >= 0 && arrived < reached && { arrived }) }] as const];
    });
    this.#replace(Object.fromEntries(ahead));
  }

  /** Those of which seeds are still to come. */
  get unseeded(): readonly Unseeded[] {
    return Object.values(this.#state.active).flatMap((active) => {
      const { workspaceId, aggregate, generations, arrived } = active;
      const last = generations.at(-1);
      return last && arrived === undefined && isUnseeded(active) ? [{ workspaceId, aggregate, ...last }] : [];
    });
  }

  #replace(changed: Readonly<Record<string, ActiveAggregate>>): void {
    if (Object.keys(changed).length === 0) return;
    this.#state = { ...this.#state, active: { ...this.#state.active, ...changed } };
    this.#index();
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
  lastRetired: number,
): ActiveAggregate {
  const last = before?.generations.at(-1);
  const generation = Math.max(offset, (last?.generation ?? lastRetired) + 1);
  // Of one that began at the same offset nothing was folded.
  const former = (before?.generations ?? []).filter((one) => one.offset < offset).slice(-1);
  const generations = [...former, { generation, bound, offset }];
  const known = before?.known && { known: before.known };
  return { workspaceId, aggregate, since: before?.since ?? offset, generations, ...known };
}

function isUnseeded({ generations, known }: ActiveAggregate): boolean {
  return known === undefined || known.bound < (generations.at(-1)?.bound ?? 0);
}

/** The state in the generation: the one that there is, as it goes on, or one that begins. */
function ofGeneration(
  { aggregate, since, known: past }: ActiveAggregate,
  { generation, bound }: Generation,
  known: FoldedAggregate | undefined,
  { born = 0 }: PlacedFragment,
): FoldedAggregate {
  // What is older than the whole run is a leftover of one that was retired. Without a seed among those that are in, nothing was before.
  if (!known || known.generation < since)
    return beginAggregate(generation, bound, { isNew: born >= since || past !== undefined });
  return known.generation < generation ? regenerate(aggregate, known, generation, bound) : known;
}
