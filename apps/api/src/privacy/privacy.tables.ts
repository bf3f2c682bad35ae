import type { Principal } from '@tributary/control';
import type { ColumnType, JSONColumnType } from 'kysely';
import type { AccessTables } from '../access/access.tables.js';

export const TYPES = ['delete', 'suppress', 'suppress_with_delete', 'unsuppress', 'export'] as const;
export type RequestType = (typeof TYPES)[number];

export const STATUSES = ['accepted', 'running', 'done', 'failed'] as const;
export type RequestStatus = (typeof STATUSES)[number];

/** What was done in one store. */
export interface Receipt {
  readonly store: string;
  readonly action: 'removed' | 'suppressed' | 'unsuppressed' | 'expires' | 'kept' | 'exported';
  /** Of identifiers, rows or records; null where nobody counts. */
  readonly count: number | null;
  readonly at: string;
  /** Until when what is not removed stays at the longest. */
  readonly until?: string;
}

/** How far an erasure has come. Offsets are the next ones, by `topic/partition`. */
export interface Progress {
  readonly step: 'settle' | 'erase' | 'fold' | 'identity' | 'attach' | 'follow' | 'accounts' | 'rows';
  /** What was received up to then is forgotten. */
  readonly until?: string;
  readonly offsets?: Readonly<Record<string, number>>;
  /** Where the erasures lie in the event log: of each partition the next offset behind the last of them. */
  readonly cut?: Readonly<Record<string, number>>;
  /** How often identity's partitions were waited for. */
  readonly round?: number;
}

type At = ColumnType<Date, Date, Date>;
type SometimesAt = ColumnType<Date | null, Date | null, Date | null>;
/** JSON, or nothing. */
type Json<T> = ColumnType<T | null, string | null, string | null>;

interface PrivacyRequestsTable {
  readonly id: string;
  readonly workspace: string;
  readonly type: RequestType;
  readonly status: RequestStatus;
  /** Of the identifier that was asked for. */
  readonly digest: string;
  /** Of all identifiers of the person. */
  readonly digests: JSONColumnType<readonly string[]>;
  /** As long as they are needed. */
  readonly identifiers: Json<readonly string[]>;
  readonly profiles: Json<readonly string[]>;
  readonly receipts: JSONColumnType<readonly Receipt[]>;
  readonly progress: Json<Progress>;
  /** What it waits for. */
  readonly waits_for: string | null;
  /** Its place in the outbox, where it changed definitions. */
  readonly outbox: ColumnType<string | null, number | null, never>;
  readonly author: JSONColumnType<Principal>;
  readonly reason: string | null;
  readonly idempotency_key: string | null;
  readonly failures: number;
  readonly created_at: At;
  readonly updated_at: At;
  readonly done_at: SometimesAt;
  readonly due_at: At;
  readonly leased_by: string | null;
  readonly leased_until: SometimesAt;
}

/** The table of privacy requests, beside those of who may do what. */
export interface PrivacyTables extends AccessTables {
  readonly privacy_requests: PrivacyRequestsTable;
}
