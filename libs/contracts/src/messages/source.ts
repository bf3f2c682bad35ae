import Type, { type Static } from 'typebox';
import { CALL_TYPES } from './event.js';
import { Instant, JsonObject, WorkspaceId } from './common.js';

const Namespace = Type.String({ pattern: '^[^:\\s]{1,64}$' });
const Expression = Type.String({ minLength: 1, description: 'a JMESPath expression over the body' });

/** How the sender of a webhook signs it: a scheme that is known, or the plain HMAC of the body in a header. */
export const WebhookSignature = Type.Object(
  {
    scheme: Type.Enum(['hmac-sha256', 'stripe', 'shopify', 'github', 'standard-webhooks']),
    secret: Type.String({ minLength: 1, maxLength: 500, description: 'never shown again' }),
    header: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9-]{1,100}$',
        description: 'of hmac-sha256: where the signature is',
      }),
    ),
    prefix: Type.Optional(
      Type.String({ maxLength: 50, description: 'of hmac-sha256: what is before it, such as sha256=' }),
    ),
    encoding: Type.Optional(
      Type.Enum(['hex', 'base64'], { description: 'of hmac-sha256; hex unless given' }),
    ),
    toleranceSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description: 'how old a signature with a time may be; 300 unless given',
      }),
    ),
  },
  { description: 'absent: the write key alone is enough' },
);

/**
 * How JSON that is no tracking call becomes calls: expressions over the body, or over each of its `items`. What an
 * expression does not find is left out.
 */
export const WebhookMapping = Type.Object({
  items: Type.Optional(Expression),
  type: Type.Enum(CALL_TYPES),
  event: Type.Optional(Expression),
  messageId: Type.Optional(Expression),
  timestamp: Type.Optional(Expression),
  userId: Type.Optional(Expression),
  anonymousId: Type.Optional(Expression),
  groupId: Type.Optional(Expression),
  externalIds: Type.Optional(Type.Record(Namespace, Expression)),
  properties: Type.Optional(Type.Union([Expression, Type.Record(Type.String(), Expression)])),
  traits: Type.Optional(Type.Union([Expression, Type.Record(Type.String(), Expression)])),
  signature: Type.Optional(WebhookSignature),
});
export type WebhookMapping = Static<typeof WebhookMapping>;

/** What a source's calls are to look like: JSON Schemas (2020-12) of single calls, and what becomes of those that differ. */
export const TrackingPlan = Type.Object(
  {
    events: Type.Array(
      Type.Object({
        type: Type.Enum(CALL_TYPES),
        event: Type.Optional(
          Type.String({ minLength: 1, description: 'of track, the name; absent: every call of the type' }),
        ),
        schema: JsonObject,
        onViolation: Type.Enum(['allow', 'drop_property', 'reject']),
      }),
    ),
    unplanned: Type.Enum(['allow', 'reject']),
  },
  { description: 'what its calls are to look like' },
);
export type TrackingPlan = Static<typeof TrackingPlan>;

/** Where events come from, what is enough for them, and how they are read. */
export const SourceMessage = Type.Object({
  workspaceId: WorkspaceId,
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,63}$', examples: ['web'] }),
  name: Type.String({ minLength: 1, examples: ['Web shop'] }),
  enabled: Type.Boolean(),
  writeKeys: Type.Array(
    Type.Object({ key: Type.String({ pattern: '^[!-9;-~]{8,128}$' }), createdAt: Instant }),
  ),
  rateLimit: Type.Optional(
    Type.Object(
      {
        eventsPerSecond: Type.Integer({ minimum: 1 }),
        burst: Type.Optional(
          Type.Integer({
            minimum: 1,
            description: 'the most events at one moment; as many as in a second unless given',
          }),
        ),
      },
      { description: 'events a second that are taken; absent: no limit' },
    ),
  ),
  allowedOrigins: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'of browsers that may send, as https://shop.example; absent: any',
      examples: [['https://shop.example']],
    }),
  ),
  identifierKeys: Type.Optional(
    Type.Object(
      {
        traits: Type.Optional(Type.Record(Type.String(), Namespace)),
        properties: Type.Optional(Type.Record(Type.String(), Namespace)),
      },
      { description: 'traits and properties whose values are identifiers, and of which namespace' },
    ),
  ),
  deduplicateBy: Type.Optional(
    Type.Record(Type.String(), Type.String({ pattern: '^properties\\..', maxLength: 200 }), {
      maxProperties: 100,
      description:
        'the property that identifies an event, by the name of the track call: events of one name and one value are duplicates',
      examples: [{ 'Order Completed': 'properties.order_id' }],
    }),
  ),
  webhook: Type.Optional(WebhookMapping),
  plan: Type.Optional(TrackingPlan),
  createdAt: Instant,
  updatedAt: Instant,
});
export type SourceMessage = Static<typeof SourceMessage>;
