import {
  aggregatesOfTrait,
  computedTraitHash,
  parseComputedTrait,
  type ComputedTrait,
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

/** The computed traits in force, and which aggregates are known. */
export class TraitsInForce implements Definitions {
  readonly #traits: DefinitionsInForce<TraitInForce>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#traits = new DefinitionsInForce(connection, TOPICS.traits, readTrait, onUnreadable, onFatal);
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    await this.#traits.start(onChange);
  }

  async stop(): Promise<void> {
    await this.#traits.stop();
    await this.#known.stop();
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, TraitInForce> {
    return this.#traits.all;
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
export function readTrait(record: LogRecord): Result<TraitInForce | undefined, string> {
  const error = validateTrait(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { workspaceId, key, query, of } = messageOf(record) as TraitMessage;
  return toTraitInForce(workspaceId, key, query, of);
}

/** The traits of people, or of accounts. */
export function traitsOf(
  subject: TraitSubject,
  all: ReadonlyMap<string, TraitInForce>,
): ReadonlyMap<string, TraitInForce> {
  return new Map([...all].filter(([, { of }]) => of === subject));
}

/** A computed trait by its text. */
export function toTraitInForce(
  workspaceId: string,
  key: string,
  query: string,
  of: TraitSubject = 'people',
): Result<TraitInForce, string> {
  const parsed = parseComputedTrait(query);
  if (!parsed.ok) return failed(`the trait cannot be computed: ${parsed.error.message}`);
  const trait = parsed.value;
  const definitionHash = `${of} ${computedTraitHash(trait)}`;
  return ok({ workspaceId, key, query, of, trait, definitionHash, wanted: aggregatesOfTrait(trait) });
}
