import {
  identifier,
  namespaceOf,
  parseIdentifier,
  failed,
  ok,
  valueOf,
  type Identifier,
  type Result,
} from '@tributary/kernel';
import { LIMITS, namespaceReader } from '@tributary/events';
import { ruleIn, type RulesDefinition } from '@tributary/identity';
import type { ApiFailure } from '../http/api.errors.js';

/** An identifier that could occur on an event; `field` is where it was sent. */
export function readIdentifier(text: string, field: string): Result<Identifier, ApiFailure> {
  const parsed = parseIdentifier(text);
  if (parsed === undefined || /\s/.test(namespaceOf(parsed)))
    return invalid(field, 'must be namespace:value, such as user_id:u1');
  if (Buffer.byteLength(valueOf(parsed)) > LIMITS.identifierBytes)
    return invalid(
      field,
      `has a value of more than ${LIMITS.identifierBytes} bytes: no event bears such a one`,
    );
  return ok(parsed);
}

/** As {@link readIdentifier}, written as the rules write it; one that they take for none stays as it was sent. */
export function writtenIdentifier(
  text: string,
  field: string,
  rules: RulesDefinition,
): Result<Identifier, ApiFailure> {
  const sent = readIdentifier(text, field);
  if (!sent.ok) return sent;
  const namespace = namespaceOf(sent.value);
  const value = namespaceReader(ruleIn(rules, namespace))(valueOf(sent.value));
  return value === '' ? sent : ok(identifier(namespace, value));
}

export function invalid(field: string, message: string): Result<never, ApiFailure> {
  return failed({
    code: 'invalid_request',
    message: `${field} ${message}`,
    details: [{ field, message }],
  });
}
