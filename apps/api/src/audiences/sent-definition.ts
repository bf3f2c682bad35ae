import {
  checkDefinition,
  errorAtCondition,
  errorAtNode,
  parseQuery,
  type AudienceDefinition,
  type ReferenceFault,
} from '@tributary/audiences';
import { failed, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import type { AudienceBody } from './audience.dto.js';

/** A definition as text or as tree. */
export type SentDefinition = Pick<AudienceBody, 'query' | 'definition'>;

/** The definition that a body sends, as text or as tree; one of the two. */
export function definitionOf({ query, definition }: SentDefinition): Result<AudienceDefinition, ApiFailure> {
  if ((query === undefined) === (definition === undefined)) {
    return failed({ code: 'invalid_request', message: 'Send either query or definition.' });
  }
  const parsed = query === undefined ? checkDefinition(definition) : parseQuery(query);
  if (parsed.ok) return parsed;
  const { message, problems, ...place } = parsed.error;
  const details = problems?.map(({ path, reason }) => ({ field: path, message: reason }));
  return failed({ code: 'invalid_query', message, details: details ?? [{ field: 'query', ...place }] });
}

/** A fault of one of the conditions that were sent, with its place. */
export function faultAt({ query, definition }: SentDefinition, { nth, reason }: ReferenceFault): ApiFailure {
  if (query === undefined) {
    const { message, path = 'definition' } = errorAtNode(definition, nth, reason);
    return { code: 'invalid_query', message, details: [{ field: path, message: reason }] };
  }
  const { message, ...place } = errorAtCondition(query, nth, reason);
  return { code: 'invalid_query', message, details: [{ field: 'query', ...place }] };
}
