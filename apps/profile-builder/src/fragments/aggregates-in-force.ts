import {
  definitionHash,
  wantedBy,
  type AudienceDefinition,
  type WantedAggregate,
} from '@tributary/audiences';
import { messageOf, TOPICS, validateAudience, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, scopedKey, type Result } from '@tributary/kernel';
import { DefinitionsInForce } from '@tributary/processing';

/** What a definition in force asks to be folded. */
export interface WantedAggregates {
  readonly workspaceId: string;
  readonly definitionHash: string;
  readonly wanted: readonly WantedAggregate[];
}

/** An aggregate of a workspace, and the greatest bound that a definition asks for. */
export type WantedInWorkspace = WantedAggregate & Pick<WantedAggregates, 'workspaceId'>;

export type AggregatesInForce = DefinitionsInForce<WantedAggregates>;

export function followAggregates(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): AggregatesInForce {
  return new DefinitionsInForce(connection, TOPICS.audiences, readWanted, onUnreadable, onFatal);
}

/** Each aggregate once, however many definitions ask for it, by `workspaceId/hash`. */
export function wantedOf(
  definitions: ReadonlyMap<string, WantedAggregates>,
): ReadonlyMap<string, WantedInWorkspace> {
  const all = new Map<string, WantedInWorkspace>();
  for (const { workspaceId, wanted } of definitions.values()) {
    for (const { aggregate, bound } of wanted) {
      const key = scopedKey(workspaceId, aggregate.hash);
      all.set(key, { workspaceId, aggregate, bound: Math.max(bound, all.get(key)?.bound ?? 0) });
    }
  }
  return all;
}

function readWanted(record: LogRecord): Result<WantedAggregates | undefined, string> {
  const error = validateAudience(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  try {
    return ok(toWanted(messageOf(record) as AudienceMessage));
  } catch (thrown) {
    return failed(`the definition cannot be evaluated: ${String(thrown)}`);
  }
}

/** What a definition asks for. */
function toWanted({ workspaceId, definition: tree }: AudienceMessage): WantedAggregates {
  const definition = tree as unknown as AudienceDefinition;
  return { workspaceId, definitionHash: definitionHash(definition), wanted: wantedBy(definition) };
}
