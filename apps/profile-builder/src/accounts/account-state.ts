import type { KnownAggregate } from '@tributary/audiences';
import type { AccountsToldMessage } from '@tributary/contracts';
import { digestOfIdentifier, parseScopedKey } from '@tributary/kernel';
import type { AccountFacts } from '@tributary/profiles';
import type { TraitsState } from '../traits/computed-traits.js';

/** What the people of an account come to together. */
export interface FoldedPeople {
  /** The aggregates and bounds that were asked for. */
  readonly of: string;
  /** By hash; one of which nobody knows anything is absent. */
  readonly aggregates: Readonly<Record<string, KnownAggregate>>;
  /** Whether somebody was left out. */
  readonly isTruncated: boolean;
}

/** An account, by its scoped key. Plain JSON. */
export interface AccountState {
  /** Absent before the first group call was read. */
  readonly facts?: AccountFacts;
  /** How many {@link PersonState} it has. */
  readonly people: number;
  /** The record by which the account is what it is. */
  readonly cause: { readonly offset: number; readonly timestamp: number };
  readonly folded?: FoldedPeople;
  /** Somebody has changed since the people were folded. */
  readonly isStale?: boolean;
}

/** A person of an account. */
export interface PersonState {
  readonly account: string;
  readonly profileId: string;
  readonly version: number;
  readonly since: number;
  readonly aggregates: Readonly<Record<string, KnownAggregate | null>>;
}

/** A profile that belongs to an account no more, so that what is older is known to be. */
export interface GoneState {
  readonly goneVersion: number;
  readonly goneAt: number;
}

/** Which aggregates a partition of profiles tells of. */
export type ToldState = Pick<AccountsToldMessage, 'workspaceId' | 'partition' | 'aggregates'>;

export type AccountsState = AccountState | PersonState | GoneState | ToldState | TraitsState;

/** States whose keys begin so are of no account. */
export const OWN = '@';
/** Behind all of them. */
export const BEHIND_OWN = '@\uffff';
export const TRAITS = '@traits';
export const TOLD = '@told/';
export const GONE = '@gone/';
export const PERSON = '@person/';

/** Of all people of an account, in the order of their profiles. */
export function peopleOf(account: string): string {
  const { workspaceId, id } = parseScopedKey(account);
  return `${PERSON}${digestOfIdentifier(workspaceId, id)}/`;
}

export function goneKey(account: string, profileId: string): string {
  return `${GONE}${peopleOf(account).slice(PERSON.length)}${profileId}`;
}
