import type { WebhookMapping } from '@tributary/contracts';
import type { DeduplicateBy } from '@tributary/events';
import type { CompiledPlan } from '@tributary/plans';

/** How many events are taken; all that a source may send at once when it was silent: `burst`. */
export interface RateLimit {
  readonly eventsPerSecond: number;
  readonly burst: number;
}

/** Traits and properties whose values are identifiers: path → namespace. */
export interface IdentifierKeys {
  readonly traits?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Where events come from. */
export interface Source {
  readonly workspaceId: string;
  readonly sourceId: string;
  readonly enabled: boolean;
  /** Absent: as many as come. */
  readonly rateLimit?: RateLimit;
  /** Of browsers; absent: any. */
  readonly allowedOrigins?: ReadonlySet<string>;
  readonly identifierKeys?: IdentifierKeys;
  /** The properties that identify events, by the name of the event. */
  readonly deduplicateBy?: DeduplicateBy;
  /** How the bodies of `/v1/webhook` become calls. */
  readonly webhook?: WebhookMapping;
  /** Absent: calls are not looked at beyond what all calls must be. */
  readonly plan?: CompiledPlan;
}

/** Knows the write keys. Asked at each request, so it answers from memory. */
export interface SourceRegistry {
  /** False until it is known which sources there are: then a key that is not found may still be a good one. */
  readonly isKnown: boolean;
  sourceOf(writeKey: string): Source | undefined;
  /** The source of an id in a workspace: for calls that came in before and are validated again. */
  sourceWithId(workspaceId: string, sourceId: string): Source | undefined;
}

export const SOURCE_REGISTRY = Symbol('SOURCE_REGISTRY');
