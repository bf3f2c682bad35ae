import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, JsonObject, WorkspaceId } from './common.js';

export const CALL_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;

/** One call as accepted. The first of `identifiers` is the primary one: the record's key. */
export const EventMessage = Type.Object({
  workspaceId: WorkspaceId,
  sourceId: Type.String(),
  type: Type.Enum(CALL_TYPES),
  messageId: Type.String({ minLength: 1, maxLength: 100 }),
  deduplicationId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description:
        'what identifies the event in place of its messageId, where its source names a property for that: the name of the call and the value, as a JSON list; of a longer one the SHA-256. Also a header',
      examples: ['["Order Completed","o-7781"]'],
    }),
  ),
  event: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  userId: Type.Optional(Type.String()),
  anonymousId: Type.Optional(Type.String()),
  previousId: Type.Optional(Type.String()),
  groupId: Type.Optional(Type.String()),
  properties: Type.Optional(JsonObject),
  traits: Type.Optional(JsonObject),
  context: JsonObject,
  timestamp: Instant,
  originalTimestamp: Type.Optional(Instant),
  sentAt: Type.Optional(Instant),
  receivedAt: Instant,
  sequence: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'the place of the call among those that its collector received in the same millisecond; missing: 0. Events are in the order of timestamp, receivedAt, sequence, messageId',
    }),
  ),
  identifiers: Type.Array(IdentifierText, { minItems: 1, maxItems: 10 }),
});
export type EventMessage = Static<typeof EventMessage>;
