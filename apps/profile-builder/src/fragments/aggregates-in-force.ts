import {
  definitionHash,
  wantedBy,
  type AudienceDefinition,
  type WantedAggregate,
} from '@tributary/audiences';
import { messageOf, TOPICS, validateAudience, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, scopedKey, type Result } from '@tributary/kernel';
import { DefinitionsInForce, type Definitions } from '@tributary/processing';
import { readMerge } from '../traits/merges-in-force.js';
import { readTrait } from '../traits/traits-in-force.js';

/** What a definition in force asks to be folded. */
export interface WantedAggregates {
  readonly workspaceId: string;
  readonly definitionHash: string;
  readonly wanted: readonly WantedAggregate[];
}

/** An aggregate of a workspace, and the greatest bound that a definition asks for. */
export type WantedInWorkspace = WantedAggregate & Pick<WantedAggregates, 'workspaceId'>;

/** What audiences, computed traits and rules of traits ask for. */
export class AggregatesInForce implements Definitions {
  /** By the kind of definition and the key of its record. */
  readonly all = new Map<string, WantedAggregates>();

  constructor(private readonly kinds: Readonly<Record<string, DefinitionsInForce<WantedAggregates>>>) {}

  async start(onChange: () => Promise<void>): Promise<void> {
    const kinds = Object.values(this.kinds);
    await Promise.all(
      kinds.map((kind) =>
        kind.start(async () => {
          this.#join();
          await onChange();
        }),
      ),
    );
    this.#join();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.kinds).map((kind) => kind.stop()));
  }

  #join(): void {
    this.all.clear();
    for (const [name, kind] of Object.entries(this.kinds)) {
      for (const [key, wanted] of kind.all) this.all.set(`${name} ${key}`, wanted);
    }
  }
}

export function followAggregates(
  connection: KafkaConnection,
  onUnreadable: (record: LogRecord, error: string) => Promise<void>,
  onFatal: (error: unknown) => void,
): AggregatesInForce {
  const { audiences, traits, traitRules } = TOPICS;
  return new AggregatesInForce({
    audience: new DefinitionsInForce(connection, audiences, readWanted, onUnreadable, onFatal),
    trait: new DefinitionsInForce(connection, traits, readWantedByTrait, onUnreadable, onFatal),
    rule: new DefinitionsInForce(connection, traitRules, readMerge, onUnreadable, onFatal),
  });
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

function readWantedByTrait(record: LogRecord): Result<WantedAggregates | undefined, string> {
  const read = readTrait(record);
  if (!read.ok || !read.value) return read;
  const { workspaceId, definitionHash: hash, wanted } = read.value;
  return ok({ workspaceId, definitionHash: hash, wanted });
}

/** What a definition asks for. */
function toWanted({ workspaceId, definition: tree }: AudienceMessage): WantedAggregates {
  const definition = tree as unknown as AudienceDefinition;
  return { workspaceId, definitionHash: definitionHash(definition), wanted: wantedBy(definition) };
}
