import type { Flag } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import type { Violation } from '@tributary/plans';
import type { FlagCounts, RejectedCall } from './answer.js';
import type { NotKept, Refusal } from './reasons.js';
import type { RequestFacts } from './request.js';

/**
 * What becomes of a request:
 * - `validated`: its calls are events, or rejected one by one;
 * - `refused`: it is refused whole, and kept whole;
 * - `not-kept`: it is refused, and nothing of it is kept.
 */
export type Outcome =
  | { readonly is: 'validated'; readonly facts: RequestFacts; readonly validation: Validation }
  | { readonly is: 'refused'; readonly facts: RequestFacts; readonly refusal: Refusal }
  | { readonly is: 'not-kept'; readonly refusal: NotKept };

/** A request validated call by call: the records to write, and the answer. */
export interface Validation {
  /** The suppressed ones are among them. */
  readonly accepted: number;
  /** Of whom nothing is taken: their calls are written nowhere. */
  readonly suppressed: number;
  readonly rejected: readonly RejectedCall[];
  readonly records: readonly OutgoingRecord[];
  /** Where accepted calls differ from the source's plan. */
  readonly violations: readonly Violation[];
  /** What looks wrong in calls, accepted or not. */
  readonly flags: readonly Flag[];
  /** How often each flag is in the accepted ones. */
  readonly flagCounts: FlagCounts;
}
