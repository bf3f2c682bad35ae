import {
  aggregatesOfTrait,
  isScore,
  parseTrait,
  traitHash,
  type ComputedTrait,
  type Score,
  type WantedByTrait,
} from '@tributary/audiences';
import { messageOf, TOPICS, validateTrait, type TraitMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, parseScopedKey, scopedKey, type Result } from '@tributary/kernel';
import {
  DefinitionsInForce,
  KnownAggregates,
  type Definitions,
  type KnownReader,
} from '@tributary/processing';
import { readBorders, type BordersInForce } from './borders-in-force.js';
import { mergeId, readMerge, type MergeInForce } from './merges-in-force.js';

/** Whose a computed trait is. */
export type TraitSubject = NonNullable<TraitMessage['of']>;

/** A computed trait of a workspace. */
export interface TraitInForce {
  readonly workspaceId: string;
  readonly key: string;
  /** In its normal form. */
  readonly query: string;
  readonly of: TraitSubject;
  readonly trait: ComputedTrait;
  readonly definitionHash: string;
  /** The aggregates that it is computed from. */
  readonly wanted: WantedByTrait;
}

/** One that ranks another. */
export type ScoreInForce = Omit<TraitInForce, 'trait' | 'wanted'> & {
  readonly trait: Score;
  readonly wanted: readonly [];
};

/** A computed trait by its query. */
export type ComputedInForce = TraitInForce | ScoreInForce;

/** What computes or merges a trait of profiles. */
export type AnyTraitInForce = ComputedInForce | MergeInForce;

export function isScoreInForce(one: ComputedInForce): one is ScoreInForce {
  return isScore(one.trait);
}

/** The computed traits and the rules of traits in force, the borders of scores, and which aggregates are known. */
export class TraitsInForce implements Definitions {
  readonly #all = new Map<string, AnyTraitInForce>();
  readonly #traits: DefinitionsInForce<ComputedInForce>;
  readonly #merges: DefinitionsInForce<MergeInForce>;
  readonly #borders: DefinitionsInForce<BordersInForce>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    const { traits, traitRules, scoreBorders } = TOPICS;
    this.#traits = new DefinitionsInForce(connection, traits, readTrait, onUnreadable, onFatal);
    this.#merges = new DefinitionsInForce(connection, traitRules, readMerge, onUnreadable, onFatal);
    this.#borders = new DefinitionsInForce(connection, scoreBorders, readBorders, onUnreadable, onFatal);
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    const joined = async () => {
      this.#join();
      await onChange();
    };
    await this.#borders.start(onChange);
    await this.#traits.start(joined);
    await this.#merges.start(joined);
    this.#join();
  }

  async stop(): Promise<void> {
    await this.#traits.stop();
    await this.#merges.stop();
    await this.#borders.stop();
    await this.#known.stop();
  }

  /** Computed traits by `workspaceId/key`, rules by `workspaceId/` and their `mergeId`. */
  get all(): ReadonlyMap<string, AnyTraitInForce> {
    return this.#all;
  }

  /** By `workspaceId/key` of their score. */
  get borders(): ReadonlyMap<string, BordersInForce> {
    return this.#borders.all;
  }

  get known(): KnownReader {
    return this.#known;
  }

  #join(): void {
    this.#all.clear();
    for (const [key, trait] of this.#traits.all) this.#all.set(key, trait);
    for (const [key, merge] of this.#merges.all) {
      const { workspaceId, id } = parseScopedKey(key);
      this.#all.set(scopedKey(workspaceId, mergeId(id)), merge);
    }
  }
}

export function followTraits(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): TraitsInForce {
  return new TraitsInForce(connection, onUnreadable, onFatal);
}

/** A computed trait, or undefined where it is removed; the error says why the record is neither. */
export function readTrait(record: LogRecord): Result<ComputedInForce | undefined, string> {
  const error = validateTrait(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { workspaceId, key, query, of } = messageOf(record) as TraitMessage;
  return toTraitInForce(workspaceId, key, query, of);
}

/** The traits of people, or of accounts. */
export function traitsOf(
  subject: TraitSubject,
  all: ReadonlyMap<string, AnyTraitInForce>,
): ReadonlyMap<string, AnyTraitInForce> {
  return new Map([...all].filter(([, one]) => ('of' in one ? one.of : 'people') === subject));
}

/** A computed trait by its text. */
export function toTraitInForce(
  workspaceId: string,
  key: string,
  query: string,
  of: TraitSubject = 'people',
): Result<ComputedInForce, string> {
  const parsed = parseTrait(query);
  if (!parsed.ok) return failed(`the trait cannot be computed: ${parsed.error.message}`);
  const trait = parsed.value;
  const named = { workspaceId, key, query, of, definitionHash: `${of} ${traitHash(trait)}` };
  return ok(
    isScore(trait) ? { ...named, trait, wanted: [] } : { ...named, trait, wanted: aggregatesOfTrait(trait) },
  );
}
