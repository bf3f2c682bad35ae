import Type from 'typebox';

/** RFC 3339 with milliseconds in UTC, as `Date.prototype.toISOString` writes it. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  examples: ['2026-01-02T03:04:05.678Z'],
});

/** `namespace:value`. */
export const IdentifierText = Type.String({ pattern: '^[^:]+:[\\s\\S]+$', examples: ['user_id:u1'] });

export const WorkspaceId = Type.String({ minLength: 1, pattern: '^[^/]+$' });

/** A JSON object whose content belongs to the customer. */
export const JsonObject = Type.Record(Type.String(), Type.Unknown());
