import type { Result } from '@tributary/kernel';

/** A JSON object whose content belongs to the customer. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The call types that a plan may speak of; of `track` also by the event's name. */
export type PlannedType = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';

/** What becomes of a call that differs from its schema. */
export type OnViolation = 'allow' | 'drop_property' | 'reject';

/** One kind of call, and the JSON Schema (2020-12) of a single call as it is sent. */
export interface PlannedEvent {
  readonly type: PlannedType;
  /** Of `track`, the event's name; absent: every call of the type that no other entry names. */
  readonly event?: string;
  readonly schema: JsonObject;
  readonly onViolation: OnViolation;
}

/** What a source's calls are to look like. */
export interface Plan {
  readonly events: readonly PlannedEvent[];
  /** What becomes of calls of which the plan does not speak. */
  readonly unplanned: 'allow' | 'reject';
}

/** Closed: clients and dashboards may switch on it. */
export type ViolationCode = 'plan_violation' | 'unplanned_event';

/** Where a call differs from the plan. */
export interface Violation {
  readonly code: ViolationCode;
  /** The path of the field in the call: `properties.items[3].price`; empty: the call itself. */
  readonly field: string;
  /** What would be right. It has no value of the call. */
  readonly message: string;
  /** What stood at the path was removed. */
  readonly dropped?: true;
}

/** A call that passes: without what was dropped, and with what is to be said of it. */
export interface PlannedCall<T> {
  readonly call: T;
  readonly violations: readonly Violation[];
}

/** A plan that is ready to validate. */
export interface CompiledPlan {
  /**
   * Validates one call, which is not changed: a call that passes with properties dropped is a copy. The violations of a
   * call that is rejected are the error. A call of no type that there is, or a `track` without a name, passes: it is
   * for others to refuse.
   */
  validate<T extends JsonObject>(call: T): Result<PlannedCall<T>, readonly Violation[]>;
}

/** What is wrong with a plan. */
export interface PlanProblem {
  /** `events[0].schema/properties/total/type`: within a schema, a JSON pointer. */
  readonly path: string;
  /** What was found, and what would be right. */
  readonly message: string;
}

/** How large a plan may be, so that neither compiling nor validating holds a process up. */
export const PLAN_LIMITS = {
  events: 500,
  /** Characters of JSON of all schemas: a plan is a part of one record. */
  characters: 500_000,
  /** Characters of JSON of one schema. */
  schemaCharacters: 64_000,
  /** Schemas within one another. */
  depth: 32,
  /** Subschemas with every `$ref` written out; each value of an enumeration counts, a pattern counts as 20. */
  weight: 2_000,
  /** Subschemas that look at one and the same value. */
  overlap: 32,
  /** Violations of one call that are listed. */
  violations: 20,
} as const;
