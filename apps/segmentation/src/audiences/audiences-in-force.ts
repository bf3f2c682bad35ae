import { definitionHash, aggregatesOf, traitNamesOf, type AudienceDefinition } from '@tributary/audiences';
import { validateAudience, messageOf, TOPICS, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import {
  DefinitionsInForce,
  KnownAggregates,
  type Definitions,
  type KnownReader,
} from '@tributary/processing';

/** An audience as it is evaluated. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  /** The hash of the definition. */
  readonly definitionHash: string;
  /** When it took effect: when it was put in force, or later what it reads was known; in milliseconds since 1970. */
  readonly definedAt: number;
  /** The facts that it depends on. */
  readonly facts: ReadonlySet<string>;
}

/** The definitions in force, and which aggregates are known. */
export class AudiencesInForce implements Definitions {
  readonly #audiences: DefinitionsInForce<Audience>;
  readonly #known: KnownAggregates;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#audiences = new DefinitionsInForce(
      connection,
      TOPICS.audiences,
      readAudience,
      onUnreadable,
      onFatal,
    );
    this.#known = new KnownAggregates(connection, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#known.start(onChange);
    await this.#audiences.start(onChange);
  }

  async stop(): Promise<void> {
    await this.#audiences.stop();
    await this.#known.stop();
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, Audience> {
    return this.#audiences.all;
  }

  get known(): KnownReader {
    return this.#known;
  }
}

export function followAudiences(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): AudiencesInForce {
  return new AudiencesInForce(connection, onUnreadable, onFatal);
}

/** An audience, or undefined where it is removed; the error says why the record is neither. */
export function readAudience(record: LogRecord): Result<Audience | undefined, string> {
  const error = validateAudience(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  try {
    return ok(toAudience(messageOf(record) as AudienceMessage));
  } catch (thrown) {
    return failed(`the definition cannot be evaluated: ${String(thrown)}`);
  }
}

function toAudience(message: AudienceMessage): Audience {
  const definition = message.definition as unknown as AudienceDefinition;
  return withFacts({
    workspaceId: message.workspaceId,
    key: message.key,
    definition,
    definitionHash: definitionHash(definition),
    definedAt: Date.parse(message.updatedAt),
  });
}

/** With the facts that the definition depends on. */
export function withFacts(audience: Omit<Audience, 'facts'>): Audience {
  const { definition } = audience;
  return {
    ...audience,
    facts: new Set([
      ...aggregatesOf(definition).map(({ hash }) => `aggregate/${hash}`),
      ...traitNamesOf(definition).map((name) => `trait/${name}`),
    ]),
  };
}
