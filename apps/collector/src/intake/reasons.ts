import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode } from './answer.js';

/** Why one call is rejected: by what it is itself, or by the plan of its source. */
export interface CallReason {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** Why a request is refused whole, and kept; the message of its code, where it has none of its own. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message?: string;
  /** Where in the body; empty or absent: all of it. */
  readonly field?: string;
}

/** Why a request is refused and nothing of it kept. */
export interface NotKept {
  readonly code: ErrorCode;
  /** None where it is not known whose the request is. */
  readonly source?: Source | undefined;
  /** Where the source sends too much: how long it has to wait before it sends again. */
  readonly waitMs?: number;
}
