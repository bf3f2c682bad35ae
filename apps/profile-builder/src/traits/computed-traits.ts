import type { KnownAggregates, WantedAggregate } from '@tributary/audiences';
import { parseScopedKey } from '@tributary/kernel';
import { KnownHere, type KnownFrom } from '@tributary/processing';
import type { ProfileFragments } from '@tributary/profiles';
import { AnsweringTraits, knownIn, type ComputedTraitsOf } from './answering-traits.js';
import type { BordersInForce } from './borders-in-force.js';
import { differingKeys, scoreBy, takenBorders, type AnsweringBorders } from './scores.js';
import type { AnyTraitInForce } from './traits-in-force.js';

/** The computed traits and rules by which a partition answers, and how far its profiles are gone through for them. Plain JSON. */
export interface TraitsState {
  /** `workspaceId/key` → the text that answers. */
  readonly answering: Readonly<Record<string, string>>;
  readonly from: KnownFrom;
  /** Those of scores, by `workspaceId/key`. */
  readonly borders?: AnsweringBorders;
  /**
   * Present while profiles are gone through: of these workspaces, behind this stored key. With `moved`, only those are
   * meant in which one of these scores is another than by the borders before, `was`.
   */
  readonly scan?: {
    readonly workspaces: readonly string[];
    readonly cursor: string;
    readonly was?: AnsweringBorders;
    readonly moved?: readonly string[];
  };
}

/** What is in force: the traits, and the borders of scores, by `workspaceId/key`. */
export interface InForce {
  readonly all: ReadonlyMap<string, AnyTraitInForce>;
  readonly borders?: ReadonlyMap<string, BordersInForce>;
}

const NO_BORDERS: NonNullable<InForce['borders']> = new Map();

export const NO_TRAITS: TraitsState = { answering: {}, from: {} };

/** In a scan: what is of any workspace. No workspace is called so. */
const EVERYWHERE = '*';

/** Which traits answer in a partition, and which profiles are to be gone through for those that changed. */
export class ComputedTraits {
  readonly #known: KnownHere;
  #state: TraitsState;
  /** Those that are in force, as `TraitsInForce` has them. */
  #inForce: InForce = { all: new Map() };
  /** Those of them that do not answer yet. */
  #waiting: readonly (readonly [string, AnyTraitInForce])[] = [];
  #answers: AnsweringTraits;

  constructor(
    private readonly here: ConstructorParameters<typeof KnownHere>[0],
    state: TraitsState,
  ) {
    this.#state = state;
    this.#known = new KnownHere(here, state.from);
    this.#answers = new AnsweringTraits(state.answering);
  }

  get state(): TraitsState {
    return this.#state;
  }

  /** Looks at what is in force and known now; {@link take} then takes up what has been read. */
  async look(inForce: InForce): Promise<void> {
    this.#inForce = inForce;
    this.#waiting = this.#unanswered();
    const awaited = this.#waiting.map(([key, { workspaceId, wanted, query }]) => {
      return [nameOf(key, query), { workspaceId, aggregates: wanted }] as const;
    });
    if (await this.#known.look(new Map(awaited))) this.#state = { ...this.#state, from: this.#known.from };
  }

  /** Whether a trait in force does not answer yet. */
  isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether one of them is known to who has read the partition of fragments up to this offset. */
  isDue(reached: number): boolean {
    return this.#waiting.some(([key, trait]) => this.#isKnown(key, trait, reached));
  }

  /**
   * Takes up what is in force and known to who has read so far: a new or changed trait answers from then on; until then the
   * one before it does. One that is removed answers no more. Where there is any, profiles are to be gone through.
   */
  take(reached: number): void {
    const before = this.#state.answering;
    const answering: Record<string, string> = {};
    for (const [key, trait] of this.#inForce.all) {
      const isTaken = before[key] === trait.query || this.#isKnown(key, trait, reached);
      const query = isTaken ? trait.query : before[key];
      if (query !== undefined) answering[key] = query;
    }
    const changed = [...new Set([...Object.keys(before), ...Object.keys(answering)])].filter(
      (key) => before[key] !== answering[key],
    );
    const wereScores = this.#answers.scores;
    if (changed.length > 0) {
      this.#state = { ...this.#state, answering };
      this.#waiting = this.#unanswered();
      this.#answers = new AnsweringTraits(answering);
    }
    const isOfScore = (key: string) =>
      (before[key] === undefined || wereScores.has(key)) &&
      (answering[key] === undefined || this.#answers.scores.has(key));
    this.#takeBorders(changed.filter((key) => !isOfScore(key)));
  }

  /** Borders hold as soon as they are of the definition that answers. Where nothing else changes, few profiles do. */
  #takeBorders(changed: readonly string[]): void {
    const { borders: was = {}, answering, scan, ...others } = this.#state;
    const isScore = (key: string) => this.#answers.scores.has(key);
    const borders = takenBorders(was, this.#inForce.borders ?? NO_BORDERS, answering, isScore);
    const moved = differingKeys(was, borders);
    if (moved.length > 0) this.#state = { ...others, answering, borders, ...(scan && { scan }) };
    const workspaces = [...changed, ...moved].map((key) => parseScopedKey(key).workspaceId);
    if (changed.length > 0 || scan) this.#scanFor(workspaces);
    else if (moved.length > 0) {
      const before = Object.fromEntries(moved.flatMap((key) => (was[key] ? [[key, was[key]] as const] : [])));
      const scanned = { workspaces: [...new Set(workspaces)], cursor: '', was: before, moved };
      this.#state = { ...this.#state, scan: scanned };
    }
  }

  /** Goes through all profiles anew, as after a disk was lost, and the instants with it at which traits change. */
  scanAll(): void {
    this.#scanFor(this.#answers.workspaces);
  }

  /** Goes through what there is in every workspace, those without traits too. */
  scanEverywhere(): void {
    this.#scanFor([EVERYWHERE]);
  }

  /** Whether what is of a workspace is gone through. */
  isScanned(workspaceId: string): boolean {
    const { workspaces = [] } = this.#state.scan ?? {};
    return workspaces.includes(workspaceId) || workspaces.includes(EVERYWHERE);
  }

  /** Profiles have been gone through up to a stored key; all of them unless given. */
  scanned(cursor: string | undefined): void {
    const { scan, ...others } = this.#state;
    this.#state = scan && cursor !== undefined ? { ...others, scan: { ...scan, cursor } } : others;
  }

  /** Whether a workspace has any that time may change. */
  has(workspaceId: string): boolean {
    return this.#answers.has(workspaceId);
  }

  /** Whether a trait of a workspace depends on a fact. */
  isRead(workspaceId: string, fact: string): boolean {
    return this.#answers.isRead(workspaceId, fact);
  }

  /** Whether the scan is to publish a profile: because its scores are others, or as all are to be. */
  isMoved(workspaceId: string, fragments: ProfileFragments, at: number): boolean {
    const { moved, was = {} } = this.#state.scan ?? {};
    if (!moved) return true;
    const computed = this.#answers.computed(workspaceId, knownIn(fragments), at);
    return moved.some((key) => {
      if (parseScopedKey(key).workspaceId !== workspaceId) return false;
      const [before, now] = [was[key], this.#state.borders?.[key]].map((by) => by && scoreBy(by, computed));
      return before !== now;
    });
  }

  /** What the traits of a workspace that answer are computed from: of each aggregate the greatest bound. */
  wantedIn(workspaceId: string): readonly WantedAggregate[] {
    return this.#answers.wantedIn(workspaceId);
  }

  /** Every trait of a workspace of a person at an instant. */
  of(workspaceId: string, fragments: ProfileFragments, at: number): ComputedTraitsOf {
    return this.#answers.of(workspaceId, fragments, at, this.#state.borders);
  }

  /** Every trait of a workspace at an instant, by what is known of the aggregates. */
  by(workspaceId: string, known: KnownAggregates, at: number): ComputedTraitsOf {
    return this.#answers.by(workspaceId, known, at, this.#state.borders);
  }

  #unanswered(): readonly (readonly [string, AnyTraitInForce])[] {
    return [...this.#inForce.all].filter(([key, { query }]) => this.#state.answering[key] !== query);
  }

  #isKnown(key: string, { workspaceId, wanted, query }: AnyTraitInForce, reached: number): boolean {
    if (wanted.length === 0) return true;
    // What was known when it was looked at may be known no more: nobody had asked for it in a while.
    return this.#known.isKnown(nameOf(key, query), reached) && this.here.known.isKnown(workspaceId, wanted);
  }

  #scanFor(workspaces: readonly string[]): void {
    if (workspaces.length === 0) return;
    const all = new Set([...(this.#state.scan?.workspaces ?? []), ...workspaces]);
    this.#state = { ...this.#state, scan: { workspaces: [...all], cursor: '' } };
  }
}

function nameOf(key: string, query: string): string {
  return `${key} ${query}`;
}
