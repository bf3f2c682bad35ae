import { namespaceOf, parseScopedKey, toInstant, valueOf, type Identifier } from '@tributary/kernel';
import type { History, PastEvent } from './history.js';

/** What `profiles.v1` should say of a profile, apart from version and instant. */
export type ExpectedProfile = ReturnType<typeof profileOf>;

/**
 * The profile of all events of its identifiers, read in order: of a trait the last value counts. Undefined where no
 * event has one of them as its primary identifier: nothing is known of it.
 */
export function profileOf({ events }: Pick<History, 'events'>) {
  const [first] = events;
  if (!first) return undefined;
  const traits = new Map<string, PastEvent>();
  const seen = new Map<string, { first: number; last: number }>();
  for (const event of events) {
    for (const name of Object.keys(event.traits ?? {})) traits.set(name, event);
    for (const key of [event.primary, ...event.others]) {
      const before = seen.get(key);
      seen.set(key, { first: before?.first ?? event.at, last: event.at });
    }
  }
  const present = [...traits].filter(([name, event]) => event.traits?.[name] !== null);
  return {
    traits: Object.fromEntries(present.map(([name, event]) => [name, event.traits?.[name]])),
    traitSources: Object.fromEntries(
      present.map(([name, { at, sourceId, messageId }]) => [
        name,
        { at: toInstant(at), sourceId, messageId },
      ]),
    ),
    identifiers: [...seen]
      .map(([key, times]) => ({ id: parseScopedKey(key).id as Identifier, ...times }))
      .sort((a, b) => a.first - b.first || (a.id < b.id ? -1 : 1))
      .map((identifier) => ({
        namespace: namespaceOf(identifier.id),
        value: valueOf(identifier.id),
        firstSeenAt: toInstant(identifier.first),
        lastSeenAt: toInstant(identifier.last),
      })),
    computed: {},
    firstSeenAt: toInstant(first.at),
    lastSeenAt: toInstant(events.at(-1)?.at ?? first.at),
    eventCount: events.length,
  };
}
