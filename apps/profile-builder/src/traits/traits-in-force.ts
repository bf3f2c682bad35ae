import {
  aggregatesOfTrait,
  computedTraitHash,
  parseComputedTrait,
  type ComputedTrait,
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
import { mergeId, readMerge, type MergeInForce } from './merges-in-force.js';

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

/** What computes or merges a trait of profiles. */
export type AnyTraitInForce = TraitInForce | MergeInForce;

/** The computed traits and the rules of traits in force, and which aggregates are known. */
export class TraitsInForce implements Definitions {
  readonly #all = new Map<string, AnyTraitInForce>();
  readonly #traits: DefinitionsInForce<TraitInForce>;
  readonly #merges: DefinitionsInForce<MergeInForce>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#traits = new DefinitionsInForce(connection, TOPICS.traits, readTrait, onUnreadable, onFatal);
    this.#merges = new DefinitionsInForce(connection, TOPICS.traitRules, readMerge, onUnreadable, onFatal);
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    const joined = async () => {
      this.#join();
      await onChange();
    };
    await this.#traits.start(joined);
    await this.#merges.start(joined);
    this.#join();
  }

  async stop(): Promise<void> {
    await this.#traits.stop();
    await this.#merges.stop();
    await this.#known.stop();
  }

  /** Computed traits by `workspaceId/key`, rules by `workspaceId/` and their `mergeId`. */
  get all(): ReadonlyMap<string, AnyTraitInForce> {
    return this.#all;
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
export function readTrait(record: LogRecord): Result<TraitInForce | undefined, string> {
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
): Result<TraitInForce, string> {
  const parsed = parseComputedTrait(query);
  if (!parsed.ok) return failed(`the trait cannot be computed: ${parsed.error.message}`);
  const trait = parsed.value;
  const definitionHash = computedTraitHash(trait);
  return ok({ workspaceId, key, query, trait, definitionHash, wanted: aggregatesOfTrait(trait) });
}
