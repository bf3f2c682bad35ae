/** Why a call is not accepted. Closed: clients and dashboards may switch on it. */
export const REASON_CODES = [
  'not_an_object',
  'unknown_type',
  'event_too_large',
  'nested_too_deep',
  'no_identifier',
  'identifier_too_long',
  'missing_event_name',
  'missing_user_id',
  'missing_previous_id',
  'missing_group_id',
  'message_id_too_long',
  'invalid_timestamp',
  'invalid_field',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** One reason: a code, the path of the field in the call (empty: the call itself), and what would be right. */
export interface Reason {
  readonly code: ReasonCode;
  readonly field: string;
  readonly message: string;
}

export function reason(code: ReasonCode, field: string, message: string): Reason {
  return { code, field, message };
}
