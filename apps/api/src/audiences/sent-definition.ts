import { checkDefinition, parseQuery, type AudienceDefinition } from '@tributary/audiences';
import { failed, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import type { AudienceBody } from './audience.dto.js';

/** The definition that a body sends, as text or as tree; one of the two. */
export function definitionOf({
  query,
  definition,
}: Pick<AudienceBody, 'query' | 'definition'>): Result<AudienceDefinition, ApiFailure> {
  if ((query === undefined) === (definition === undefined)) {
    return failed({ code: 'invalid_request', message: 'Send either query or definition.' });
  }
  const parsed = query === undefined ? checkDefinition(definition) : parseQuery(query);
  if (parsed.ok) return parsed;
  const { message, problems, ...place } = parsed.error;
  const details = problems?.map(({ path, reason }) => ({ field: path, message: reason }));
  return failed({ code: 'invalid_query', message, details: details ?? [{ field: 'query', ...place }] });
}
