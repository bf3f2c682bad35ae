import {
  namespaceOf,
  parseIdentifier,
  failed,
  ok,
  valueOf,
  type Identifier,
  type Result,
} from '@tributary/kernel';
import { LIMITS } from '@tributary/events';
import type { ApiFailure } from '../http/api.errors.js';

/** An identifier that could occur on an event; `field` is where it was sent. */
export function readIdentifier(text: string, field: string): Result<Identifier, ApiFailure> {
  const identifier = parseIdentifier(text);
  if (identifier === undefined || /\s/.test(namespaceOf(identifier)))
    return invalid(field, 'must be namespace:value, such as user_id:u1');
  if (Buffer.byteLength(valueOf(identifier)) > LIMITS.identifierBytes)
    return invalid(
      field,
      `has a value of more than ${LIMITS.identifierBytes} bytes: no event bears such a one`,
    );
  return ok(identifier);
}

export function invalid(field: string, message: string): Result<never, ApiFailure> {
  return failed({
    code: 'invalid_request',
    message: `${field} ${message}`,
    details: [{ field, message }],
  });
}
