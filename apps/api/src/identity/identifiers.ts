import {
  identifier,
  namespaceOf,
  nearestName,
  parseIdentifier,
  failed,
  ok,
  valueOf,
  type Identifier,
  type Result,
} from '@tributary/kernel';
import { LIMITS, namespaceReader, type NamespaceReader } from '@tributary/events';
import { ruleIn, type NamespaceRule, type RulesDefinition } from '@tributary/identity';
import type { ApiFailure } from '../http/api.errors.js';
import { invalidRequest, problem } from '../http/problems.js';

/** An identifier that could occur on an event; `field` is where it was sent. */
export function readIdentifier(text: string, field: string): Result<Identifier, ApiFailure> {
  const parsed = parseIdentifier(text);
  if (parsed === undefined || /\s/.test(namespaceOf(parsed)))
    return invalid(field, 'must be namespace:value, such as user_id:u1');
  if (Buffer.byteLength(valueOf(parsed)) > LIMITS.identifierBytes)
    return invalid(
      field,
      `the value is longer than ${LIMITS.identifierBytes} bytes; events with such identifiers are rejected`,
    );
  return ok(parsed);
}

/** Of a rule: the list of values that name nobody is long, and read for each identifier. */
const readers = new WeakMap<NamespaceRule, NamespaceReader>();

function readerOf(rule: NamespaceRule): NamespaceReader {
  const known = readers.get(rule) ?? namespaceReader(rule);
  readers.set(rule, known);
  return known;
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
  const value = readerOf(ruleIn(rules, namespace))(valueOf(sent.value));
  return value === '' ? sent : ok(identifier(namespace, value));
}

const NAMESPACES = ['user_id', 'anonymous_id', 'email', 'phone'];

/** What may be wrong with an identifier of which nothing is known; empty where it looks like any other. */
export function identifierHint(sent: Identifier, { namespaces }: RulesDefinition): string {
  const namespace = namespaceOf(sent);
  const known = [...new Set([...NAMESPACES, ...Object.keys(namespaces)])].filter((one) => !one.includes('*'));
  const nearest = known.includes(namespace) ? undefined : nearestName(namespace, known);
  return [
    nearest === undefined
      ? ''
      : ` The namespace ${namespace} is not among the rules; did you mean ${nearest}?`,
    // E-mail addresses and phone numbers come from addresses that nobody escaped.
    valueOf(sent).includes(' ') ? ' A + in a query is read as a space; write %2B for it.' : '',
  ].join('');
}

export function invalid(field: string, detail: string): Result<never, ApiFailure> {
  return failed(invalidRequest([problem(field, detail)]));
}
