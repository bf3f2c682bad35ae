import type { Identifier } from '@tributary/kernel';

/** The tracking calls. */
export const CALL_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type CallType = (typeof CALL_TYPES)[number];

/** A JSON object whose content belongs to the customer. */
export type JsonObject = Record<string, unknown>;

/** What a call may measure at most. */
export const LIMITS = {
  /** Bytes of one call's JSON. */
  eventBytes: 32 * 1024,
  /** UTF-16 units of a message id. */
  messageIdLength: 100,
  /** UTF-8 bytes of a property's value that identifies an event. */
  deduplicationBytes: 500,
  /** UTF-8 bytes of one identifier's value. */
  identifierBytes: 512,
  /** Identifiers of one event; what comes later in the order of {@link normalise} is not linked. */
  identifiers: 10,
  /** Objects and arrays within one another. */
  depth: 100,
} as const;

/**
 * A call as accepted. Instants are RFC 3339 with milliseconds in UTC; `timestamp` is never after `receivedAt`.
 * The first of `identifiers` is the primary one.
 */
export interface Event {
  workspaceId: string;
  sourceId: string;
  type: CallType;
  messageId: string;
  /** What identifies the event in place of its messageId ({@link deduplicationIdOf}). */
  deduplicationId?: string;
  event?: string;
  name?: string;
  userId?: string;
  anonymousId?: string;
  previousId?: string;
  groupId?: string;
  properties?: JsonObject;
  traits?: JsonObject;
  context: JsonObject;
  timestamp: string;
  originalTimestamp?: string;
  sentAt?: string;
  receivedAt: string;
  /** The place among what the collector received in the same millisecond. */
  sequence: number;
  identifiers: Identifier[];
}
