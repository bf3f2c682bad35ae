import { namespaceOf, parseScopedKey, toInstant, valueOf, type Identifier } from '@tributary/kernel';
import type { History } from './history.js';

/** What `profiles.v1` should say of a profile, apart from version and instant. */
export type ExpectedProfile = ReturnType<typeof profileOf>;

/**
 * The profile of all events of its identifiers, read in order: of a trait the last word counts. Undefined where no
 * event has one of them as its primary identifier: nothing is known of it.
 */
export function profileOf({ identifiers, events }: History) {
  const [first] = events;
  if (!first) return undefined;
  const traits = new Map<string, { value: unknown; at: string; sourceId: string; messageId: string }>();
  const seen = new Map<string, { first: number; last: number }>();
  for (const event of events) {
    for (const [name, value] of Object.entries(event.traits ?? {})) {
      const { sourceId, messageId } = event;
      traits.set(name, { value, at: toInstant(event.at), sourceId, messageId });
    }
    for (const key of [event.primary, ...event.others]) {
      if (!identifiers.has(key)) continue;
      const before = seen.get(key);
      seen.set(key, { first: before?.first ?? event.at, last: event.at });
    }
  }
  const present = [...traits].filter(([, { value }]) => value !== null);
  return {
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: Object.fromEntries(
      present.map(([name, { at, sourceId, messageId }]) => [name, { at, sourceId, messageId }]),
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
