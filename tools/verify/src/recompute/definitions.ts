import { leavesOf, traitNamesOf, type AudienceDefinition, type EventLeaf } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import { wholeOf, type Log } from '../log/log.port.js';

/** An audience in force at the cut. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  readonly leaves: readonly EventLeaf[];
  readonly traits: readonly string[];
}

/** The definitions in force, by `workspaceId/key`. */
export async function readAudiences(log: Log): Promise<ReadonlyMap<string, Audience>> {
  const audiences = new Map<string, Audience>();
  const topic = TOPICS.audiences.name;
  await log.read(topic, await wholeOf(log, topic), ({ key, value }) => {
    if (!value) {
      audiences.delete(key);
      return;
    }
    const message = JSON.parse(value.toString('utf8')) as AudienceMessage;
    const definition = message.definition as unknown as AudienceDefinition;
    const { workspaceId } = message;
    const leaves = leavesOf(definition);
    audiences.set(key, {
      workspaceId,
      key: message.key,
      definition,
      leaves,
      traits: traitNamesOf(definition),
    });
  });
  return audiences;
}
