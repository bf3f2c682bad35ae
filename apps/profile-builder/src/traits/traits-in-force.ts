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
import { failed, ok, type Result } from '@tributary/kernel';
import {
  DefinitionsInForce,
  KnownAggregates,
  type Definitions,
  type KnownReader,
} from '@tributary/processing';
import { readBorders, type BordersInForce } from './borders-in-force.js';

/** A computed trait of a workspace. */
export interface TraitInForce {
  readonly workspaceId: string;
  readonly key: string;
  /** In its normal form. */
  readonly query: string;
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

export type AnyTraitInForce = TraitInForce | ScoreInForce;

export function isScoreInForce(one: AnyTraitInForce): one is ScoreInForce {
  return isScore(one.trait);
}

/** The computed traits in force, the borders of those that are scores, and which aggregates are known. */
export class TraitsInForce implements Definitions {
  readonly #traits: DefinitionsInForce<AnyTraitInForce>;
  readonly #borders: DefinitionsInForce<BordersInForce>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    const { traits, scoreBorders } = TOPICS;
    this.#traits = new DefinitionsInForce(connection, traits, readTrait, onUnreadable, onFatal);
    this.#borders = new DefinitionsInForce(connection, scoreBorders, readBorders, onUnreadable, onFatal);
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    await this.#borders.start(onChange);
    await this.#traits.start(onChange);
  }

  async stop(): Promise<void> {
    await this.#traits.stop();
    await this.#borders.stop();
    await this.#known.stop();
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, AnyTraitInForce> {
    return this.#traits.all;
  }

  /** By `workspaceId/key` of their score. */
  get borders(): ReadonlyMap<string, BordersInForce> {
    return this.#borders.all;
  }

  get known(): KnownReader {
    return this.#known;
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
export function readTrait(record: LogRecord): Result<AnyTraitInForce | undefined, string> {
  const error = validateTrait(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { workspaceId, key, query } = messageOf(record) as TraitMessage;
  return toTraitInForce(workspaceId, key, query);
}

/** A computed trait by its text. */
export function toTraitInForce(
  workspaceId: string,
  key: string,
  query: string,
): Result<AnyTraitInForce, string> {
  const parsed = parseTrait(query);
  if (!parsed.ok) return failed(`the trait cannot be computed: ${parsed.error.message}`);
  const trait = parsed.value;
  const named = { workspaceId, key, query, definitionHash: traitHash(trait) };
  return ok(
    isScore(trait) ? { ...named, trait, wanted: [] } : { ...named, trait, wanted: aggregatesOfTrait(trait) },
  );
}
