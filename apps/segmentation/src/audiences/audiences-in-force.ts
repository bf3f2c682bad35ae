import {
  aggregatesOfMerge,
  definitionHash,
  namedByWorkspace,
  resolve,
  traitNamesOf,
  wantedBy,
  type AudienceDefinition,
  type Merges,
  type WantedAggregate,
} from '@tributary/audiences';
import { validateAudience, messageOf, TOPICS, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, parseScopedKey, scopedKey, type Result } from '@tributary/kernel';
import {
  DefinitionsInForce,
  KnownAggregates,
  type Definitions,
  type KnownReader,
} from '@tributary/processing';
import { readNamedTrait, type NamedTrait } from './named-traits.js';
import { readTraitRule, type TraitRule } from './trait-rules.js';

/** An audience as it is evaluated. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  /** With what it names in its place: see `resolve`. */
  readonly definition: AudienceDefinition;
  /** The rules of the traits that it reads, by their names; absent where there are none. */
  readonly merges?: Merges;
  /** The hash of the definition and the rules. */
  readonly definitionHash: string;
  /** When it took effect: when it was put in force, or what it names, or later what it reads was known; in milliseconds since 1970. */
  readonly definedAt: number;
  /** The facts that it depends on. */
  readonly facts: ReadonlySet<string>;
}

/** An audience as it was put in force. */
type Written = Pick<Audience, 'workspaceId' | 'key' | 'definition' | 'definitionHash' | 'definedAt'>;

/** The definitions in force, with what they name and the rules of the traits that they read, and which aggregates are known. */
export class AudiencesInForce implements Definitions {
  readonly #all = new Map<string, Audience>();
  readonly #audiences: DefinitionsInForce<Written>;
  readonly #traits: DefinitionsInForce<NamedTrait>;
  readonly #rules: DefinitionsInForce<TraitRule>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    const { audiences, traits, traitRules } = TOPICS;
    this.#audiences = new DefinitionsInForce(connection, audiences, readAudience, onUnreadable, onFatal);
    this.#traits = new DefinitionsInForce(connection, traits, readNamedTrait, onUnreadable, onFatal);
    this.#rules = new DefinitionsInForce(connection, traitRules, readTraitRule, onUnreadable, onFatal);
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    const joined = async () => {
      this.#join();
      await onChange();
    };
    await this.#traits.start(joined);
    await this.#audiences.start(joined);
    await this.#rules.start(joined);
    this.#join();
  }

  async stop(): Promise<void> {
    await this.#audiences.stop();
    await this.#traits.stop();
    await this.#rules.stop();
    await this.#known.stop();
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, Audience> {
    return this.#all;
  }

  get known(): KnownReader {
    return this.#known;
  }

  #join(): void {
    const before = new Map(this.#all);
    this.#all.clear();
    for (const [id, audience] of resolvedAudiences(this.#audiences.all, this.#traits.all, before)) {
      const { workspaceId } = parseScopedKey(id);
      this.#all.set(
        id,
        withMerges(audience, (name) => this.#rules.all.get(scopedKey(workspaceId, name))?.merge),
      );
    }
  }
}

/**
 * Audiences with what they name in its place, by `workspaceId/key`. One that names what is not there stays as it was
 * before: definitions that change together come one after the other, each from a topic of its own.
 */
export function resolvedAudiences(
  written: ReadonlyMap<string, Written>,
  traits: ReadonlyMap<string, NamedTrait>,
  before: ReadonlyMap<string, Audience>,
): ReadonlyMap<string, Audience> {
  const named = namedByWorkspace(written, traits);
  const all = new Map<string, Audience>();
  for (const [id, audience] of written) {
    const { workspaceId, key } = audience;
    const resolved = resolve(audience.definition, named(workspaceId), key);
    const former = before.get(id);
    if (!resolved.ok) {
      if (former) all.set(id, former);
      continue;
    }
    const { definition, audiences, traits: read } = resolved.value;
    const parts = [
      ...audiences.map((one) => written.get(scopedKey(workspaceId, one))),
      ...read.map((one) => traits.get(scopedKey(workspaceId, one))),
    ];
    all.set(
      id,
      withFacts({
        ...{ workspaceId, key, definition, definitionHash: definitionHash(definition) },
        definedAt: Math.max(audience.definedAt, ...parts.map((part) => part?.definedAt ?? -Infinity)),
      }),
    );
  }
  return all;
}

export function followAudiences(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): AudiencesInForce {
  return new AudiencesInForce(connection, onUnreadable, onFatal);
}

/** An audience, or undefined where it is removed; the error says why the record is neither. */
export function readAudience(record: LogRecord): Result<Written | undefined, string> {
  const error = validateAudience(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  try {
    return ok(toWritten(messageOf(record) as AudienceMessage));
  } catch (thrown) {
    return failed(`the definition cannot be evaluated: ${String(thrown)}`);
  }
}

function toWritten(message: AudienceMessage): Written {
  const { workspaceId, key } = message;
  const definition = message.definition as unknown as AudienceDefinition;
  // What cannot be read throws.
  wantedBy(definition);
  const definedAt = Date.parse(message.updatedAt);
  return { workspaceId, key, definition, definitionHash: definitionHash(definition), definedAt };
}

/** An audience by the rules of the traits that it reads: where one is another, it is another definition. */
export function withMerges(
  audience: Audience,
  mergeOf: (name: string) => TraitRule['merge'] | undefined,
): Audience {
  const found = traitNamesOf(audience.definition).flatMap((name) => {
    const merge = mergeOf(name) ?? 'latest';
    return merge === 'latest' ? [] : [[name, merge] as const];
  });
  if (found.length === 0) return audience;
  const merges = Object.fromEntries(found);
  return withFacts({ ...audience, merges, definitionHash: definitionHash(audience.definition, merges) });
}

/** The aggregates that an audience reads, for its conditions and for its traits, and how much of each. */
export function readBy({
  definition,
  merges = {},
}: Pick<Audience, 'definition' | 'merges'>): readonly WantedAggregate[] {
  const ofTraits = Object.entries(merges).flatMap(([name, strategy]) => aggregatesOfMerge(name, strategy));
  return [...wantedBy(definition), ...ofTraits];
}

/** With the facts that the definition depends on. */
export function withFacts(audience: Omit<Audience, 'facts'>): Audience {
  const { definition } = audience;
  return {
    ...audience,
    facts: new Set([
      ...readBy(audience).map(({ aggregate }) => `aggregate/${aggregate.hash}`),
      ...traitNamesOf(definition).map((name) => `trait/${name}`),
    ]),
  };
}
