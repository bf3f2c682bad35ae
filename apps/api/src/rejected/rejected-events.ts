import type { RejectedMessage, RejectionReason } from '@tributary/contracts';

export const GROUP_DIMENSIONS = ['source', 'route', 'code', 'field'] as const;

/** Which of the rejected; what is not said does not matter. Instants are RFC 3339. */
export interface RejectedFilter {
  readonly source?: string;
  readonly code?: string;
  readonly field?: string;
  readonly route?: string;
  readonly from?: string;
  readonly to?: string;
  /** `open` are those of which nothing was replayed. */
  readonly state: 'open' | 'replayed' | 'all';
}

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
