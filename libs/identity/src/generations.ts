import { baseOf, compareByDigest, generationOf, inGeneration, type Identifier } from '@tributary/kernel';
import type { Message, Received } from './messages.js';
import type { Place } from './message-context.js';
import type { Seen } from './observations.js';
import { strikeOut } from './passing.js';
import { forget } from './pending.js';
import { emptyRecord, isNothing, type Partner, type ResolverState } from './resolver-state.js';

/** What a record comes to for the generation in which the identifier is when it has read it. */
export interface Turn {
  /** The identifier in that generation. */
  readonly me: Identifier;
  /** What is left of the record for it. */
  readonly messages: readonly Received[];
  readonly out: readonly Message[];
  /** Generations of partners that are over: late messages that name them are passed over from here on. */
  readonly over: readonly Identifier[];
  /** Something that it waited for is answered, or waited for no more. */
  readonly isAnswered: boolean;
  /** Its partners are others than before. */
  readonly isChanged: boolean;
  /** A generation began. */
  readonly isBegun: boolean;
  /** The record says that the identifier was erased. */
  readonly isErased: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Turn> & { out: Message[]; over: Identifier[]; messages: Received[] };

/**
 * Takes what ends generations out of a record. An identifier that is erased ends its own, and tells its partners. Whom it
 * was joined with does the same, keeps what it knows, and tells it anew: so each component that an erased identifier was part of is
 * left by all, and built again by who is left. Messages to a generation that is over come to nothing, but for who occurred
 * together: that is of the generation that goes on, unless it is from before the erasure.
 */
export function turn(
  base: Identifier,
  state: ResolverState,
  messages: readonly Received[],
  { addressed = base, offset }: Pick<Place, 'addressed' | 'offset'>,
): Turn {
  const before = inGeneration(base, state.generation ?? 0);
  const draft: Draft = {
    ...{ me: before, messages: [], out: [], over: [] },
    ...{ isAnswered: false, isChanged: false, isBegun: false, isErased: false },
  };
  let until: number | undefined;
  let isDrawnIn = false;
  const others: Received[] = [];
  for (const message of messages) {
    if (message.kind === 'erased') {
      draft.isErased = true;
      if (message.until > (state.erasedUntil ?? -Infinity))
        until = Math.max(message.until, until ?? -Infinity);
    } else if (message.kind === 'parted') {
      const wasJoined = part(draft, state, message.gone);
      if (wasJoined || (message.joined && addressed === before)) isDrawnIn = true;
    } else others.push(message);
  }
  // A life before this one was further.
  const known = Math.max(generationOf(addressed), ...others.map((message) => namedBy(base, message)));
  if (until !== undefined || isDrawnIn || known > (state.generation ?? 0))
    begin(draft, base, state, { until, known, offset });
  for (const message of others)
    if (isForNow(draft, base, state, addressed, message)) draft.messages.push(message);
  return draft;
}

/** A partner's generation is over; answers whether the link with it was once eligible, as far as this end knows. */
function part(draft: Draft, state: ResolverState, gone: Identifier): boolean {
  draft.over.push(gone);
  // Who forgot its partners does not know through whom it is in its component.
  if (state.tooManyPartners) return state.component !== undefined || state.parent !== draft.me;
  const entry = state.partners[gone];
  if (!entry) return false;
  Reflect.deleteProperty(state.partners, gone);
  draft.isChanged = true;
  if (forget(state, [gone])) draft.isAnswered = true;
  return entry.wasEligible === true;
}

/** The generation of the identifier that a message of who occurred together names. */
function namedBy(base: Identifier, message: Received): number {
  if (message.kind !== 'seen') return 0;
  for (const z of message.ids) if (generationOf(z) > 0 && baseOf(z) === base) return generationOf(z);
  return 0;
}

function begin(
  draft: Draft,
  base: Identifier,
  state: ResolverState,
  {
    until,
    known,
    offset,
  }: { readonly until: number | undefined; readonly known: number; readonly offset: number },
): void {
  const partners = Object.entries(state.partners) as [Identifier, Partner][];
  // By the place in its log: two lives that read the same come to the same, and no number means two generations.
  const generation = Math.max(offset + 1, (state.generation ?? 0) + 1, known);
  const me = inGeneration(base, generation);
  const isKept = (at: number | null | undefined): at is number => at != null && at > (until ?? -Infinity);
  const kept = partners.flatMap(([, { at }]) => (isKept(at) ? [at] : []));
  for (const [to, { at, wasEligible }] of partners) {
    draft.out.push({
      ...{ kind: 'parted', to, gone: draft.me },
      ...(wasEligible && { joined: true }),
      ...(until !== undefined && { erased: true }),
    });
    if (isKept(at)) draft.out.push(seenTogether([me, to], at));
  }
  if (until !== undefined) {
    state.erasedUntil = until;
    state.firstSeen = isKept(state.firstSeen) ? state.firstSeen : kept.length > 0 ? Math.min(...kept) : null;
    for (const field of ['assignment', 'resolved', 'tooManyPartners'] as const)
      Reflect.deleteProperty(state, field);
    state.through = -1;
  }
  state.generation = generation;
  state.partners = emptyRecord();
  state.pending = emptyRecord();
  state.parent = me;
  for (const field of ['component', 'answer'] as const) Reflect.deleteProperty(state, field);
  Object.assign(draft, { me, isAnswered: true, isChanged: true, isBegun: true });
}

function isForNow(
  draft: Draft,
  base: Identifier,
  state: ResolverState,
  addressed: Identifier,
  message: Received,
): boolean {
  const { me, out } = draft;
  switch (message.kind) {
    case 'seen': {
      if (message.ids.includes(me)) return true;
      const mention = message.ids.find((z) => baseOf(z) === base);
      if (mention !== undefined) pass(draft, state, message, mention);
      return false;
    }
    case 'met':
      return message.firstSeen > (state.erasedUntil ?? -Infinity);
    case 'split':
      // Whoever comes back is told of splits anew.
      return !isNothing(base, state);
    default:
      if (addressed === me) return true;
      for (const to of connectedBy(message))
        if (baseOf(to) !== base) out.push({ kind: 'parted', to, gone: addressed, joined: true });
      return false;
  }
}

/** Who is in the component of whom this is sent to: it is in the component of one that is no more. */
function connectedBy(message: Received): ReadonlySet<Identifier> {
  if (message.kind === 'union') return new Set([message.other]);
  if (message.kind !== 'facts') return new Set();
  return new Set([message.from, ...message.facts.flatMap(({ pair }) => pair)]);
}

/** Lets a message go on without the identifier, in the generation that it names; it is told anew of the one that goes on. */
function pass({ me, out }: Draft, state: ResolverState, seen: Omit<Seen, 'to'>, mention: Identifier): void {
  const { ids, firstSeen, news } = seen;
  const isErased = firstSeen <= (state.erasedUntil ?? -Infinity);
  // Those behind it never hear of it, but whoever told of it has to tell it anew.
  const told = isErased ? ids.filter((z) => z !== mention) : ids.slice(0, ids.indexOf(mention));
  for (const to of told) out.push({ kind: 'parted', to, gone: mention, ...(isErased && { erased: true }) });
  out.push(...strikeOut(seen, mention));
  if (isErased) return;
  const named = ids.map((z) => (z === mention ? me : z));
  out.push(seenTogether(named, firstSeen, news && [named[news[0]] ?? me, news[1]]));
}

function seenTogether(
  identifiers: readonly Identifier[],
  firstSeen: number,
  news?: readonly [Identifier, number],
): Seen {
  const ids = [...identifiers].sort(compareByDigest);
  return {
    ...{ kind: 'seen', to: ids[0] ?? ('' as Identifier), ids, firstSeen },
    ...(news && { news: [ids.indexOf(news[0]), news[1]] as const }),
    ...{ said: [], links: [] },
  };
}
