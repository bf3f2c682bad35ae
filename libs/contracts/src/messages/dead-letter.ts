import Type, { type Static } from 'typebox';
import { Instant } from './common.js';

/**
 * A record that a processor could not read, with its place and its bytes: mended, it can be written again. Or one that it
 * made and the broker refused: then it has no offset.
 */
export const DeadLetterMessage = Type.Object({
  workspaceId: Type.Literal('@'),
  processor: Type.String({ minLength: 1 }),
  topic: Type.String({ minLength: 1 }),
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Optional(Type.Integer({ minimum: 0 })),
  /** When its producer made it. */
  at: Instant,
  error: Type.String(),
  key: Type.String({ description: 'as it came, base64 of its text' }),
  value: Type.Union([Type.String({ description: 'the bytes as they came, base64' }), Type.Null()]),
  cutFrom: Type.Optional(
    Type.Integer({ description: 'the length of the value in bytes, where only its beginning is kept' }),
  ),
  headers: Type.Record(Type.String(), Type.String()),
});
export type DeadLetterMessage = Static<typeof DeadLetterMessage>;
