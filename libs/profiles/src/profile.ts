import { groupOfFact, SEEN_GROUP, type Identifier } from '@tributary/kernel';
import { BOUNDS, fitting, identifierBytes, traitBytes, type Truncated } from './bounds.js';
import {
  isLater,
  type AccountOfFragment,
  type AggregateFact,
  type SeenFact,
  type TraitFact,
} from './fragment.js';

/** Assignment version, event offset, and the offset of the last seed where there was one. */
export type FactVersion = readonly [assignment: number, event: number, seed?: number];

/** Whether an identifier is attached in the profile, or where it went. */
export interface AttachmentFact {
  readonly attached: boolean;
  readonly movedTo?: string;
}

/** A fact as of a version. */
export interface VersionedFact {
  readonly version: FactVersion;
  readonly value: unknown;
}

/** The fragments that were published to one profile, each apart: identifier → fact → its highest version. Plain JSON. */
export type ProfileFragments = Record<string, Record<string, VersionedFact>>;

/** A trait as a profile shows it. */
export type ProfileTrait = TraitFact & {
  /** Where it is made of what several calls sent: nothing else says where it is from. */
  readonly isOfSeveral?: true;
};

/** A trait that has a rule of its own: what takes the place of the latest value; undefined where there is none. */
export interface RuledTrait {
  readonly fact: ProfileTrait | undefined;
  readonly isTruncated: boolean;
}

/** The fold of the fragments that are attached; times in milliseconds since 1970. */
export interface FoldedProfile {
  readonly traits: Readonly<Record<string, ProfileTrait>>;
  readonly identifiers: readonly { readonly id: Identifier; readonly first: number; readonly last: number }[];
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly eventCount: number;
  /** The accounts that it belongs to, in the order of when it came to them. */
  readonly accounts: readonly AccountOfProfile[];
  /** What there was no room for. */
  readonly truncated: readonly Truncated[];
}

/** An account, `group_id:<groupId>`, and since when a profile belongs to it, in milliseconds since 1970. */
export interface AccountOfProfile {
  readonly id: string;
  readonly since: number;
}

/**
 * What a record says of each fact of a group, in the order in which to take it in; undefined of one that it removes. Without
 * facts the group goes, and with the group of what was seen all of the identifier: it is forgotten. Where it is attached no
 * more, what was seen with it goes.
 */
export function saidOfFacts(
  fragments: ProfileFragments,
  identifier: string,
  group: string,
  facts: Readonly<Record<string, VersionedFact>> | undefined,
): readonly (readonly [fact: string, said: VersionedFact | undefined])[] {
  const held = fragments[identifier] ?? {};
  const removed = () =>
    Object.keys(held)
      .filter((fact) => fact !== '@attached' && groupOfFact(fact) === group && !(facts && fact in facts))
      .map((fact) => [fact, undefined] as const);
  if (!facts && group === SEEN_GROUP) return Object.keys(held).map((fact) => [fact, undefined] as const);
  if (!facts) return removed();
  const attached = facts['@attached'];
  const said = Object.entries(facts);
  if (!attached) return said;
  const others = said.filter(([fact]) => fact !== '@attached');
  const hasLeft =
    !(attached.value as AttachmentFact).attached && !isOlder(attached.version, held['@attached']?.version);
  return [...others, ['@attached', attached], ...(hasLeft ? removed() : [])];
}

function isOlder(version: FactVersion, held: FactVersion | undefined): boolean {
  return held !== undefined && compareVersions(version, held) < 0;
}

/** Takes a fact in, or its removal (undefined); the highest version counts. Answers whether anything changed. */
export function applyFact(
  fragments: ProfileFragments,
  identifier: string,
  fact: string,
  published: VersionedFact | undefined,
): boolean {
  const facts = fragments[identifier] ?? {};
  const before = facts[fact];
  if (!published) {
    if (!before) return false;
    const left = Object.entries(facts).filter(([name]) => name !== fact);
    if (left.length > 0) fragments[identifier] = Object.fromEntries(left);
    else Reflect.deleteProperty(fragments, identifier);
    return true;
  }
  if (before && compareVersions(published.version, before.version) <= 0) return false;
  facts[fact] = published;
  fragments[identifier] = facts;
  return true;
}

/**
 * Orders versions: by event first, then by assignment. What a fact says follows from the events alone; after a restart
 * the two logs may be met in another order, and later events published under an earlier assignment than before. Of `@attached`,
 * which no event makes, the assignment alone decides. Of two that one event made, the later seed.
 */
export function compareVersions(a: FactVersion, b: FactVersion): number {
  return a[1] - b[1] || a[0] - b[0] || (a[2] ?? -1) - (b[2] ?? -1);
}

/** The identifiers that are attached. */
export function attachedIdentifiers(fragments: ProfileFragments): readonly Identifier[] {
  return Object.keys(fragments).filter((id) => attachmentOf(fragments, id)?.attached) as Identifier[];
}

/** Where the profile's identifiers went, when none is attached any more. */
export function mergedInto(fragments: ProfileFragments): string | undefined {
  if (attachedIdentifiers(fragments).length > 0) return undefined;
  const left = Object.values(fragments).flatMap((facts) => facts['@attached'] ?? []);
  left.sort((a, b) => compareVersions(b.version, a.version));
  return (left[0]?.value as AttachmentFact | undefined)?.movedTo;
}

/** Whether it has a past: somebody has left it, or has come to it and was not born there. */
export function hasPast(fragments: ProfileFragments): boolean {
  return Object.values(fragments).some(({ '@attached': fact }) => fact && !isBirth(fact));
}

function isBirth({ version: [assignment], value }: VersionedFact): boolean {
  return assignment === BORN && (value as AttachmentFact).attached;
}

/** Of the assignment by which an identifier is in the profile that begins with it. */
const BORN = -1;

/** Whether nothing is said of anybody: all were forgotten. */
export function isForgotten(fragments: ProfileFragments): boolean {
  for (const _identifier in fragments) return false;
  return true;
}

/** The profile as the fold of the fragments attached to it; undefined where none is. `ruled`: by their names. */
export function foldProfile(
  fragments: ProfileFragments,
  ruled: ReadonlyMap<string, RuledTrait> = new Map(),
): FoldedProfile | undefined {
  const home = attachedIdentifiers(fragments);
  if (home.length === 0) return undefined;
  const traits = new Map<string, ProfileTrait>();
  const seen = new Map<string, { first: number; last: number }>();
  let eventCount = 0;
  const truncated = new Set<Truncated>();
  for (const id of home) {
    for (const [fact, { value }] of Object.entries(fragments[id] ?? {})) {
      if (fact === '@seen') {
        eventCount += (value as SeenFact).count;
        for (const what of (value as SeenFact).truncated ?? []) truncated.add(what);
        widen(seen, id, value as SeenFact);
      } else if (fact.startsWith('identifier/')) {
        widen(seen, fact.slice('identifier/'.length), value as SeenFact);
      } else if (fact.startsWith('trait/')) {
        const name = fact.slice('trait/'.length);
        const before = traits.get(name);
        if (!before || isLater(value as TraitFact, before)) traits.set(name, value as TraitFact);
      }
    }
  }
  for (const [name, { fact, isTruncated }] of ruled) {
    if (fact) traits.set(name, fact);
    else traits.delete(name);
    if (isTruncated) truncated.add('traits');
  }
  const identifiers = home.map((id) => ({ id, ...(seen.get(id) ?? { first: Infinity, last: -Infinity }) }));
  const known = identifiers.filter(({ first }) => first !== Infinity);
  const shown = fitting(
    known.sort((a, b) => a.first - b.first || (a.id < b.id ? -1 : 1)),
    { count: BOUNDS.profileIdentifiers, bytes: BOUNDS.profileIdentifierBytes },
    ({ id }) => identifierBytes(id),
  );
  const kept = traitsThatFit(traits);
  if (!shown.isWhole) truncated.add('identifiers');
  if (!kept.isWhole) truncated.add('traits');
  const accounts = [...accountsNamed(fragments)].flatMap(([id, since]) =>
    since === undefined ? [] : [{ id, since }],
  );
  if (accounts.length > BOUNDS.profileAccounts) truncated.add('groups');
  return {
    traits: kept.traits,
    identifiers: shown.kept,
    firstSeen: Math.min(...known.map(({ first }) => first)),
    lastSeen: Math.max(...known.map(({ last }) => last)),
    eventCount,
    accounts: accounts.sort(bySince).slice(0, BOUNDS.profileAccounts),
    truncated: [...truncated].sort(),
  };
}

/**
 * Every account that is or was named by an identifier of the profile, and since when the profile belongs to it: undefined where
 * it does no more, and of those beyond the bound.
 */
export function accountsOf(fragments: ProfileFragments): ReadonlyMap<string, number | undefined> {
  const named = accountsNamed(fragments);
  const present = [...named].flatMap(([id, since]) => (since === undefined ? [] : [{ id, since }]));
  for (const { id } of present.sort(bySince).slice(BOUNDS.profileAccounts)) named.set(id, undefined);
  return named;
}

function accountsNamed(fragments: ProfileFragments): Map<string, number | undefined> {
  const named = new Map<string, number | undefined>();
  for (const facts of Object.values(fragments)) {
    const isAttached = (facts['@attached']?.value as AttachmentFact | undefined)?.attached ?? false;
    for (const [fact, { value }] of Object.entries(facts)) {
      if (!fact.startsWith('account/')) continue;
      const id = fact.slice('account/'.length);
      const before = named.get(id);
      const { since } = value as AccountOfFragment;
      named.set(id, isAttached ? Math.min(since, before ?? Infinity) : before);
    }
  }
  return named;
}

const bySince = (a: AccountOfProfile, b: AccountOfProfile) => a.since - b.since || (a.id < b.id ? -1 : 1);

/** In the order of their names only where they do not fit: nobody else pays for it. */
function traitsThatFit(traits: ReadonlyMap<string, ProfileTrait>) {
  const bounds = { count: BOUNDS.profileTraits, bytes: BOUNDS.profileTraitBytes };
  const bytesOf = ([name, { value }]: readonly [string, ProfileTrait]) => traitBytes(name, value);
  const first = fitting(traits, bounds, bytesOf);
  const { kept, isWhole } = first.isWhole
    ? first
    : fitting(
        [...traits].sort(([a], [b]) => (a < b ? -1 : 1)),
        bounds,
        bytesOf,
      );
  return { traits: Object.fromEntries(kept), isWhole };
}

/** The states of an aggregate in the fragments that are attached. */
export function aggregateFacts(fragments: ProfileFragments, hash: string): readonly AggregateFact[] {
  return attachedIdentifiers(fragments).flatMap((id) => {
    const fact = fragments[id]?.[`aggregate/${hash}`];
    return fact ? [fact.value as AggregateFact] : [];
  });
}

/** A trait as the fragments attached have it. */
export function traitFact(fragments: ProfileFragments, name: string): TraitFact | undefined {
  return attachedIdentifiers(fragments)
    .flatMap((id) => {
      const fact = fragments[id]?.[`trait/${name}`];
      return fact ? [fact.value as TraitFact] : [];
    })
    .reduce<TraitFact | undefined>((best, fact) => (!best || isLater(fact, best) ? fact : best), undefined);
}

function attachmentOf(fragments: ProfileFragments, id: string): AttachmentFact | undefined {
  return fragments[id]?.['@attached']?.value as AttachmentFact | undefined;
}

function widen(seen: Map<string, { first: number; last: number }>, id: string, fact: SeenFact): void {
  const before = seen.get(id);
  seen.set(id, {
    first: Math.min(fact.first, before?.first ?? Infinity),
    last: Math.max(fact.last, before?.last ?? -Infinity),
  });
}
