import type { ChangeCause } from '@tributary/contracts';
import type { TakenState } from '../audiences/taken-audiences.js';
import { applyFact, attachedIdentifiers, type ProfileFragments, type SeenFact } from '@tributary/profiles';

/** What identity did to a profile; `event`: it came with an event. */
export type Move = 'event' | 'merge' | 'split';

/** What was last published of a profile's place in an audience. */
export interface PublishedMembership {
  readonly member: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The hash of the definition that it was evaluated by; absent where the audience was removed. */
  readonly definitionHash?: string;
  /** As it was published. */
  readonly cause?: ChangeCause;
  readonly causedBy?: string;
  readonly movedTo?: string;
}

/** One profile as segmentation holds it: plain JSON. */
export interface ProfileState {
  readonly workspaceId: string;
  readonly profileId: string;
  readonly fragments: ProfileFragments;
  /** By the audience's key. */
  readonly published: Record<string, PublishedMembership>;
  /** When a window passes next, by the audience's key; in milliseconds since 1970. */
  deadlines?: Record<string, number>;
  /** Folded while catching up and not yet evaluated: by events alone, or by identity as well. */
  unevaluated?: { readonly move: Move; readonly arrived: readonly string[] };
  /** Where a scan need not come any more: `workspaceId/key` → the definitionHash that it was evaluated by; `` where it was let go. */
  ahead?: Record<string, string>;
}

/** Of a partition: the definitions it is evaluated by, and those it is being gone through for, by `workspaceId/key`. */
export interface PartitionState {
  /** The definitionHash. */
  readonly evaluatedBy: Readonly<Record<string, string>>;
  readonly scans: Readonly<Record<string, Scan>>;
}

/** Everybody is gone through for one audience, in the order of stored keys. */
export interface Scan {
  /** The definitionHash of what they are evaluated by; absent where the audience lets them go. */
  readonly to?: string;
  /** When that took effect, in milliseconds since 1970. */
  readonly at: number;
  /** The stored key up to which it has come. */
  readonly cursor: string;
  /** Nobody was evaluated by the audience before. */
  readonly isFirst?: true;
}

export type MembershipsState = ProfileState | PartitionState | TakenState;

/** Why a profile is evaluated anew. */
export interface Occasion {
  readonly cause: ChangeCause;
  /** The messageId of the event behind a fact that changed, by the fact; absent where nobody knows any more. */
  readonly causedBy?: ReadonlyMap<string, string>;
  /** Of a merge, the time of the event that brought together who came and who was there, where the facts say it. */
  readonly joinedAt?: number | undefined;
  /** The instant of the evaluation, in milliseconds since 1970. */
  readonly now: number;
}

/** What a batch changed of a profile, as far as definitions in force depend on it. */
export interface Touched {
  readonly facts: Set<string>;
  /** The messageIds behind the facts, in their order. */
  readonly causes: Map<string, string>;
  /** What identity did; absent where it did nothing. */
  moved?: Move;
  /** The identifiers that came to the profile. */
  readonly arrived: Set<string>;
}

/** The identifiers attached that have events of their own. Where there are none, there is no profile. */
export function presentIn(fragments: ProfileFragments): readonly string[] {
  return attachedIdentifiers(fragments).filter((identifier) => hasEvents(fragments, identifier));
}

/** Whether anything is known of the profile but that it is one. */
export function isPresent(fragments: ProfileFragments): boolean {
  return attachedIdentifiers(fragments).some((identifier) => hasEvents(fragments, identifier));
}

/** Takes a fact in, or its removal; answers whether anything changed, and what happened to the profile by it. */
export function foldFact(
  fragments: ProfileFragments,
  identifier: string,
  fact: string,
  published: Parameters<typeof applyFact>[3],
): { readonly isChanged: boolean; readonly move?: Move | undefined } {
  if (isKnown(fragments, identifier, fact, published)) return { isChanged: false };
  const isAttachment = fact === '@attached';
  const mayMove = isAttachment || !hasEvents(fragments, identifier);
  const before = mayMove ? presentIn(fragments) : [];
  const wasAttached = isAttachment && fragments[identifier]?.['@attached'] !== undefined;
  const isChanged = applyFact(fragments, identifier, fact, published);
  if (!isChanged || !mayMove) return { isChanged };
  return { isChanged, move: moveOf(before, presentIn(fragments), { isAttachment, wasAttached }) };
}

/**
 * When the last of those who came was first on an event with somebody else of the profile; undefined where one of them
 * never was, and identity joined them through others or by another rule.
 */
export function joinedAt(fragments: ProfileFragments, arrived: ReadonlySet<string>): number | undefined {
  if (arrived.size === 0) return undefined;
  const present = new Set(presentIn(fragments));
  const first = new Map<string, number>();
  const note = (identifier: string, at: number) => {
    if (arrived.has(identifier)) first.set(identifier, Math.min(first.get(identifier) ?? Infinity, at));
  };
  for (const one of present) {
    for (const [fact, { value }] of Object.entries(fragments[one] ?? {})) {
      if (!fact.startsWith(TOGETHER)) continue;
      const other = fact.slice(TOGETHER.length);
      if (!present.has(other)) continue;
      note(one, (value as SeenFact).first);
      note(other, (value as SeenFact).first);
    }
  }
  return first.size < arrived.size ? undefined : Math.max(...first.values());
}

/** Begins the name of the fact that another identifier was on one event with this one. */
const TOGETHER = 'identifier/';

/** Of when an identifier was seen, only that it was and when first matters here: later words of it change nothing. */
function isKnown(
  fragments: ProfileFragments,
  identifier: string,
  fact: string,
  published: Parameters<typeof applyFact>[3],
): boolean {
  if (!published || (fact !== '@seen' && !fact.startsWith(TOGETHER))) return false;
  const before = fragments[identifier]?.[fact]?.value as SeenFact | undefined;
  return before !== undefined && (fact === '@seen' || before.first <= (published.value as SeenFact).first);
}

/** Whether a fragment says anything of an event: an identifier may belong to a profile and never have had one. */
function hasEvents(fragments: ProfileFragments, identifier: string): boolean {
  for (const fact in fragments[identifier]) if (fact !== '@attached') return true;
  return false;
}

/** By who was present before and is now; undefined where nobody came or left. */
function moveOf(
  before: readonly string[],
  after: readonly string[],
  { isAttachment, wasAttached }: { readonly isAttachment: boolean; readonly wasAttached: boolean },
): Move | undefined {
  if (after.length === before.length) return undefined;
  if (after.length < before.length) return after.length > 0 ? 'split' : 'merge';
  if (!isAttachment) return 'event';
  if (before.length > 0) return 'merge';
  return wasAttached ? 'split' : 'event';
}
