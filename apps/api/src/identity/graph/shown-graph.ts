import { namespaceOf, toInstant, valueOf, type Identifier } from '@tributary/kernel';
import { keyOf } from './component.js';
import type { BearingEvent, Ends, Stay, StoredLink } from './stored-links.js';
import type { DecidedLink } from './decided-links.js';
import type { Apart, ShownGraph, ShownIdentifier, ShownLink } from './graph.dto.js';
import { pairKey, pairOf } from '@tributary/identity';

export interface GraphParts extends Pick<
  ShownGraph,
  'identifier' | 'profileId' | 'splits' | 'rulesVersion' | 'truncated'
> {
  readonly members: readonly Identifier[];
  readonly stays: readonly Stay[];
  readonly links: readonly DecidedLink[];
  readonly path: readonly StoredLink[] | undefined;
  readonly apart: Apart | undefined;
  /** When the identifier was first seen, where no link has it. */
  readonly alone: number | undefined;
  readonly firstEvents: readonly { readonly ends: Ends; readonly event: BearingEvent }[];
}

export function toShownGraph(parts: GraphParts): ShownGraph {
  const { members, stays, links, path, apart, alone, firstEvents, ...rest } = parts;
  const events = new Map(firstEvents.map(({ ends, event }) => [pairKey(pairOf(...ends)), event]));
  const shown = (link: DecidedLink) => toShownLink(link, events.get(keyOf(link.link)));
  return {
    ...rest,
    identifiers: identifiersOf(members, { stays, links, alone }),
    links: links.map(shown),
    ...(path ? { path: path.map((link) => shown({ link, state: 'joined' })) } : {}),
    ...(apart ? { apart } : {}),
  };
}

function identifiersOf(
  members: readonly Identifier[],
  { stays, links, alone }: Pick<GraphParts, 'stays' | 'links' | 'alone'>,
) {
  const stayOf = new Map(stays.map((stay) => [stay.identifier, stay]));
  const firstSeen = new Map<Identifier, number>();
  for (const { link } of links) {
    for (const end of link.ends)
      firstSeen.set(end.identifier, Math.min(end.firstSeen, firstSeen.get(end.identifier) ?? Infinity));
  }
  return members
    .map((z) => toShownIdentifier(z, stayOf.get(z), firstSeen.get(z) ?? alone))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

function orderOf({ firstSeenAt = '', identifier }: ShownIdentifier): string {
  return `${firstSeenAt} ${identifier}`;
}

/** An identifier without an assignment is a profile of its own, since it was first seen. */
function toShownIdentifier(
  identifier: Identifier,
  stay: Stay | undefined,
  firstSeen: number | undefined,
): ShownIdentifier {
  const since = stay?.since ?? firstSeen;
  return {
    identifier,
    namespace: namespaceOf(identifier),
    value: valueOf(identifier),
    ...(firstSeen === undefined ? {} : { firstSeenAt: toInstant(firstSeen) }),
    ...(since === undefined ? {} : { since: toInstant(since) }),
    reason: stay?.reason ?? 'alone',
  };
}

function toShownLink(validated: DecidedLink, event: BearingEvent | undefined): ShownLink {
  const { link, state } = validated;
  const [a, b] = link.ends;
  return {
    a: a.identifier,
    b: b.identifier,
    firstSeenAt: toInstant(link.firstSeen),
    ...(event ? { firstEvent: { ...event, receivedAt: toInstant(event.receivedAt) } } : {}),
    state,
    ...(validated.state === 'refused' ? { refusal: validated.refusal } : {}),
  };
}
