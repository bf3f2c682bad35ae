import type { ClickHouseClient } from '@tributary/clickhouse';
import { profileIdOf, type Identifier } from '@tributary/kernel';
import { NOW, type PastEvent } from './past-people.arbitrary.js';

export const identifierOf = (person: number, which: 0 | 1) =>
  `${which ? 'email' : 'user_id'}:${person}` as Identifier;

export const personIdOf = (workspace: string, person: number) =>
  profileIdOf(workspace, identifierOf(person, 0));

const COLUMNS: [string, ...string[]] = [
  ...(['workspace_id', 'identifier', 'message_id', 'deduplication_id', 'type', 'event', 'name'] as const),
  ...['timestamp', 'received_at', 'sequence', 'properties', 'traits', 'context', 'kafka_offset'],
];

/** Puts the events of people, each of two identifiers, into the tables of a workspace. */
export async function storePeople(
  client: ClickHouseClient,
  workspace: string,
  people: readonly (readonly PastEvent[])[],
): Promise<void> {
  const events = people.flatMap((person, p) =>
    person.map(({ identifier, time, receivedAt, event, id }, i) => ({
      workspace_id: workspace,
      identifier: identifierOf(p, identifier),
      message_id: `${i}`,
      deduplication_id: id ?? `${i}`,
      type: event.type,
      event: event.event ?? '',
      name: event.name ?? '',
      timestamp: time,
      received_at: NOW + receivedAt,
      sequence: i,
      properties: JSON.stringify(event.properties),
      traits: JSON.stringify(event.traits),
      context: JSON.stringify(event.context),
      kafka_offset: i,
    })),
  );
  const assigned = people.map((_, p) => ({
    workspace_id: workspace,
    identifier: identifierOf(p, 1),
    profile_id: personIdOf(workspace, p),
    version: 1,
  }));
  await client.insert({ table: 'events_log', values: events, format: 'JSONEachRow', columns: COLUMNS });
  const columns: [string, ...string[]] = ['workspace_id', 'identifier', 'profile_id', 'version'];
  await client.insert({ table: 'identity_assignments', columns, values: assigned, format: 'JSONEachRow' });
}
