import {
  aggregatesOf,
  definitionHash,
  parseComputedTrait,
  type Aggregate,
  type AudienceDefinition,
  type ComputedTrait,
} from '@tributary/audiences';
import { TOPICS, type AudienceMessage, type TraitMessage } from '@tributary/contracts';
import { wholeOf, type Log } from '../log/log.port.js';

/** An audience in force at the cut. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  /** Of the definition in force, and of those before it. */
  readonly aggregates: readonly Aggregate[];
  /** The definition in force and those before it, as far as the topic still has them, by their hash. */
  readonly definitions: ReadonlyMap<string, AudienceDefinition>;
}

/** The audiences in force, by `workspaceId/key`. */
export async function readAudiences(log: Log): Promise<ReadonlyMap<string, Audience>> {
  const audiences = new Map<string, Audience>();
  const definitionsOf = new Map<string, Map<string, AudienceDefinition>>();
  const topic = TOPICS.audiences.name;
  await log.read(topic, await wholeOf(log, topic), ({ key, value }) => {
    if (!value) {
      audiences.delete(key);
      return;
    }
    const message = JSON.parse(value.toString('utf8')) as AudienceMessage;
    const definition = message.definition as unknown as AudienceDefinition;
    const { workspaceId } = message;
    const definitions = definitionsOf.get(key) ?? new Map<string, AudienceDefinition>();
    definitionsOf.set(key, definitions.set(definitionHash(definition), definition));
    const aggregates = [...definitions.values()].flatMap(aggregatesOf);
    audiences.set(key, { workspaceId, key: message.key, definition, aggregates, definitions });
  });
  return audiences;
}

/** A computed trait in force at the cut. */
export interface Trait {
  readonly workspaceId: string;
  readonly key: string;
  readonly of: 'people' | 'accounts';
  readonly trait: ComputedTrait;
}

/** The computed traits in force, by `workspaceId/key`. */
export async function readTraits(log: Log): Promise<ReadonlyMap<string, Trait>> {
  const traits = new Map<string, Trait>();
  const topic = TOPICS.traits.name;
  await log.read(topic, await wholeOf(log, topic), ({ key: id, value }) => {
    traits.delete(id);
    if (!value) return;
    const { workspaceId, key, query, of = 'people' } = JSON.parse(value.toString('utf8')) as TraitMessage;
    const parsed = parseComputedTrait(query);
    if (parsed.ok) traits.set(id, { workspaceId, key, of, trait: parsed.value });
  });
  return traits;
}
