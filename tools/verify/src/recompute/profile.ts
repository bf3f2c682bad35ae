import { BOUNDS, fitting, identifierBytes, traitBytes, type Truncated } from '@tributary/profiles';
import { namespaceOf, parseScopedKey, toInstant, valueOf, type Identifier } from '@tributary/kernel';
import { byTime, type History, type PastEvent } from './history.js';
import { mergedOf, type MergesOf } from './merges.js';

/** What `profiles.v1` should say of a profile, apart from version and instant. */
export type ExpectedProfile = ReturnType<typeof profileOf>;

/**
 * The profile of all events of its identifiers, read in order: of a trait the last value counts, among those that its
 * identifier had room for; of one that has a rule, what that makes of all. Undefined where no event has one of them as its
 * primary identifier: nothing is known of it.
 */
export function profileOf({ events }: Pick<History, 'events'>, merges: MergesOf = new Map()) {
  const [first] = events;
  if (!first) return undefined;
  const truncated = new Set<Truncated>();
  const latest = new Map<string, Sent>();
  const seen = new Map<string, { first: number; last: number }>();
  for (const [primary, own] of Map.groupBy(events, (event) => event.primary)) {
    const kept = keptOf(own, truncated);
    for (const [name, trait] of kept.traits) {
      const before = latest.get(name);
      if (!before || byTime(before.event, trait.event) < 0) latest.set(name, trait);
    }
    for (const event of own) {
      const others = event.others.filter(({ id }) => kept.partners.has(id));
      for (const key of [primary, ...others.map((other) => other.key)]) {
        if (key === undefined) continue;
        const before = seen.get(key);
        seen.set(key, {
          first: Math.min(before?.first ?? Infinity, event.at),
          last: Math.max(before?.last ?? -Infinity, event.at),
        });
      }
    }
  }
  const traits = ruled(latest, merges, events, truncated);
  const identifiers = fitting(
    [...seen]
      .map(([key, times]) => ({ id: parseScopedKey(key).id as Identifier, ...times }))
      .sort((a, b) => a.first - b.first || (a.id < b.id ? -1 : 1)),
    { count: BOUNDS.profileIdentifiers, bytes: BOUNDS.profileIdentifierBytes },
    ({ id }) => identifierBytes(id),
  );
  const shown = fitting(
    [...traits].sort(([a], [b]) => (a < b ? -1 : 1)),
    { count: BOUNDS.profileTraits, bytes: BOUNDS.profileTraitBytes },
    ([name, { value }]) => traitBytes(name, value),
  );
  if (!identifiers.isWhole) truncated.add('identifiers');
  if (!shown.isWhole) truncated.add('traits');
  const present = shown.kept.filter(([, { value }]) => value !== null);
  return {
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: sourcesOf(present),
    identifiers: identifiers.kept.map((identifier) => ({
      namespace: namespaceOf(identifier.id),
      value: valueOf(identifier.id),
      firstSeenAt: toInstant(identifier.first),
      lastSeenAt: toInstant(identifier.last),
    })),
    firstSeenAt: toInstant(first.at),
    lastSeenAt: toInstant(events.at(-1)?.at ?? first.at),
    eventCount: events.length,
    truncated: truncated.size === 0 ? undefined : [...truncated].sort(),
  };
}

/** Traits that have a rule take the place of the latest. */
function ruled(
  latest: ReadonlyMap<string, Trait>,
  merges: MergesOf,
  events: History['events'],
  truncated: Set<Truncated>,
): ReadonlyMap<string, Trait> {
  const traits = new Map(latest);
  for (const [name, strategy] of merges) {
    const merged = mergedOf(name, strategy, { events });
    if (merged) traits.set(name, { value: merged.value ?? null, event: merged.event });
    else traits.delete(name);
    if (merged?.isBeyond) truncated.add('traits');
  }
  return traits;
}

function sourcesOf(traits: readonly (readonly [string, Trait])[]) {
  return Object.fromEntries(
    traits.flatMap(([name, { event }]) => {
      if (!event) return [];
      const { at, sourceId, messageId } = event;
      return [[name, { at: toInstant(at), sourceId, messageId }] as const];
    }),
  );
}

interface Trait {
  readonly value: unknown;
  /** Absent where it is made of several. */
  readonly event: PastEvent | undefined;
}

interface Sent extends Trait {
  readonly event: PastEvent;
}

/** What there is room for in what one identifier knows: in the order of its log, not in that of the times. */
function keptOf(events: readonly PastEvent[], truncated: Set<Truncated>) {
  const traits = new Map<string, Sent>();
  const partners = new Set<number>();
  let bytes = 0;
  for (const event of [...events].sort((a, b) => a.offset - b.offset)) {
    for (const { id } of event.others) {
      if (partners.has(id) || partners.size < BOUNDS.partners) partners.add(id);
      else truncated.add('identifiers');
    }
    for (const [name, value] of Object.entries(event.traits ?? {})) {
      const before = traits.get(name);
      if (before && byTime(before.event, event) >= 0) continue;
      const others = bytes - (before ? traitBytes(name, before.value) : 0);
      const fits = others + traitBytes(name, value) <= BOUNDS.fragmentTraitBytes;
      if (!fits || (!before && traits.size >= BOUNDS.fragmentTraits)) truncated.add('traits');
      if (!before && (!fits || traits.size >= BOUNDS.fragmentTraits)) continue;
      traits.set(name, { value: fits ? value : null, event });
      bytes = others + traitBytes(name, fits ? value : null);
    }
  }
  return { traits, partners };
}
