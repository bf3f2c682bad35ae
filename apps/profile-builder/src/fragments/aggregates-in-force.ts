import {
  definitionHash,
  namedByWorkspace,
  resolve,
  wantedBy,
  type AudienceDefinition,
  type Named,
  type WantedAggregate,
} from '@tributary/audiences';
import { messageOf, TOPICS, validateAudience, type AudienceMessage } from '@tributary/contracts';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { failed, ok, scopedKey, type Result } from '@tributary/kernel';
import { DefinitionsInForce, type Definitions } from '@tributary/processing';
import { readMerge, type MergeInForce } from '../traits/merges-in-force.js';
import { readTrait, type ComputedInForce } from '../traits/traits-in-force.js';

/** What a definition in force asks to be folded. */
export interface WantedAggregates {
  readonly workspaceId: string;
  readonly definitionHash: string;
  readonly wanted: readonly WantedAggregate[];
}

/** An aggregate of a workspace, and the greatest bound that a definition asks for. */
export type WantedInWorkspace = WantedAggregate & Pick<WantedAggregates, 'workspaceId'>;

/** An audience as it was put in force. */
interface WrittenAudience {
  readonly workspaceId: string;
  readonly definition: AudienceDefinition;
  readonly definitionHash: string;
}

/** What audiences, computed traits and rules of traits ask for. */
export class AggregatesInForce implements Definitions {
  /** By the kind of definition and the key of its record. */
  readonly all = new Map<string, WantedAggregates>();
  readonly #audiences: DefinitionsInForce<WrittenAudience>;
  readonly #traits: DefinitionsInForce<ComputedInForce>;
  readonly #rules: DefinitionsInForce<MergeInForce>;

  constructor(
    connection: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    const { audiences, traits, traitRules } = TOPICS;
    this.#audiences = new DefinitionsInForce(connection, audiences, readAudience, onUnreadable, onFatal);
    this.#traits = new DefinitionsInForce(connection, traits, readTrait, onUnreadable, onFatal);
    this.#rules = new DefinitionsInForce(connection, traitRules, readMerge, onUnreadable, onFatal);
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    const joined = async () => {
      this.#join();
      await onChange();
    };
    await Promise.all(this.#kinds.map((kind) => kind.start(joined)));
    this.#join();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#kinds.map((kind) => kind.stop()));
  }

  get #kinds() {
    return [this.#audiences, this.#traits, this.#rules];
  }

  #join(): void {
    this.all.clear();
    const named = namedByWorkspace(this.#audiences.all, this.#traits.all);
    for (const [id, audience] of this.#audiences.all)
      this.all.set(`audience ${id}`, toWanted(audience, named(audience.workspaceId)));
    for (const [id, trait] of this.#traits.all) this.all.set(`trait ${id}`, trait);
    for (const [id, rule] of this.#rules.all) this.all.set(`rule ${id}`, rule);
  }
}

export function followAggregates(...of: ConstructorParameters<typeof AggregatesInForce>): AggregatesInForce {
  return new AggregatesInForce(...of);
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

function readAudience(record: LogRecord): Result<WrittenAudience | undefined, string> {
  const error = validateAudience(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  try {
    const { workspaceId, definition: tree } = messageOf(record) as AudienceMessage;
    const definition = tree as unknown as AudienceDefinition;
    // What cannot be read throws.
    wantedBy(definition);
    return ok({ workspaceId, definition, definitionHash: definitionHash(definition) });
  } catch (thrown) {
    return failed(`the definition cannot be evaluated: ${String(thrown)}`);
  }
}

/** What a definition asks for, with what it names; without that where it is not there for a moment. */
function toWanted({ workspaceId, definition }: WrittenAudience, named: Named): WantedAggregates {
  const resolved = resolve(definition, named);
  const whole = resolved.ok ? resolved.value.definition : definition;
  return { workspaceId, definitionHash: definitionHash(whole), wanted: wantedBy(whole) };
}
