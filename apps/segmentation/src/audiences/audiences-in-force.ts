import { definitionHash, aggregatesOf, traitNamesOf, type AudienceDefinition } from '@tributary/audiences';
import { validateAudience, messageOf, TOPICS, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import { DefinitionsInForce } from '@tributary/processing';

/** An audience as it is evaluated. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  /** The hash of the definition. */
  readonly definitionHash: string;
  /** When it was put in force, in milliseconds since 1970. */
  readonly definedAt: number;
  /** The facts that it depends on. */
  readonly facts: ReadonlySet<string>;
}

export type AudiencesInForce = DefinitionsInForce<Audience>;

export function followAudiences(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): AudiencesInForce {
  return new DefinitionsInForce(connection, TOPICS.audiences, readAudience, onUnreadable, onFatal);
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
  return {
    workspaceId: message.workspaceId,
    key: message.key,
    definition,
    definitionHash: definitionHash(definition),
    definedAt: Date.parse(message.updatedAt),
    facts: new Set([
      ...aggregatesOf(definition).map(({ hash }) => `aggregate/${hash}`),
      ...traitNamesOf(definition).map((name) => `trait/${name}`),
    ]),
  };
}
