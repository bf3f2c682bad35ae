import Type, { type Static } from 'typebox';
import { Instant, JsonObject, WorkspaceId } from './common.js';

/** Why the collector does not accept a whole request. Closed: clients and dashboards may switch on it. */
export const REQUEST_ERROR_CODES = [
  'malformed_json',
  'invalid_utf8',
  'malformed_charset',
  'malformed_encoding',
  'invalid_body',
  'empty_batch',
  'nothing_found',
  'unreadable_file',
  'invalid_skip',
  'file_interrupted',
  'line_too_long',
  'nothing_acceptable',
  'missing_write_key',
  'unknown_write_key',
  'wrong_write_key',
  'missing_signature',
  'invalid_signature',
  'signature_expired',
  'source_disabled',
  'workspace_disabled',
  'origin_not_allowed',
  'no_webhook',
  'unknown_route',
  'body_too_large',
  'too_many_calls',
  'batch_too_large',
  'unsupported_content_type',
  'unsupported_charset',
  'unsupported_encoding',
  'rate_limited',
  'quota_exceeded',
  'internal_error',
  'overloaded',
  'sources_unknown',
  'unavailable',
] as const;
export type RequestErrorCode = (typeof REQUEST_ERROR_CODES)[number];

/** Why something was not accepted: a code, the path of the field (empty: all of it), and what would be right. */
export const RejectionReason = Type.Object({
  code: Type.String(),
  field: Type.String(),
  message: Type.String(),
});
export type RejectionReason = Static<typeof RejectionReason>;

export const RejectedMessage = Type.Object({
  workspaceId: WorkspaceId,
  sourceId: Type.String(),
  receivedAt: Instant,
  route: Type.String(),
  reasons: Type.Array(RejectionReason, { minItems: 1 }),
  raw: Type.String({ description: 'the bytes as they came, base64' }),
  parsed: Type.Optional(Type.Unknown()),
  rawIs: Type.Optional(
    Type.Enum(['call', 'request'], { description: 'what the bytes are: one call, or a whole request' }),
  ),
  index: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'which call of its request was rejected; absent: the request whole',
    }),
  ),
  sequence: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'the place among what its collector received in the same millisecond; missing: 0',
    }),
  ),
  request: Type.Optional(
    Type.Object(
      {
        sentAt: Type.Optional(Instant),
        context: Type.Optional(JsonObject),
        ip: Type.Optional(Type.String()),
        userAgent: Type.Optional(Type.String()),
        contentType: Type.Optional(Type.String({ description: 'of a body that is no JSON' })),
      },
      { description: 'what the server knew of the call from its request' },
    ),
  ),
});
export type RejectedMessage = Static<typeof RejectedMessage>;

/** A rejected record was mended, and its calls are in `events.v1`. */
export const ReplayedMessage = Type.Object({
  workspaceId: WorkspaceId,
  sourceId: Type.String(),
  rejected: Type.Object({
    partition: Type.Integer({ minimum: 0 }),
    offset: Type.Integer({ minimum: 0 }),
  }),
  at: Instant,
  accepted: Type.Integer({ minimum: 1 }),
});
export type ReplayedMessage = Static<typeof ReplayedMessage>;
