import type { RejectedMessage, RejectionReason } from '@tributary/contracts';
import type { RejectedFilter } from './rejected.dto.js';

/** The place of a record in its topic, and its place in time. */
export interface RejectedPlace {
  readonly receivedAt: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StoredRejection extends RejectedPlace {
  readonly message: RejectedMessage;
  /** Of the bytes; `message.raw` may hold their beginning only. */
  readonly rawBytes: number;
  readonly replayedAt?: string;
}

export interface RejectedGroup {
  readonly source: string;
  readonly route: string;
  readonly code: string;
  readonly field: string;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly last: { readonly id: string; readonly raw: string; readonly reasons: readonly RejectionReason[] };
}

export interface Selection {
  readonly filter: RejectedFilter;
  readonly ids?: readonly string[];
  readonly order: 'oldest-first' | 'newest-first';
  readonly after?: RejectedPlace;
  readonly limit: number;
}

/** `partition-offset`. */
export function idOf({ partition, offset }: Pick<RejectedPlace, 'partition' | 'offset'>): string {
  return `${partition}-${offset}`;
}
