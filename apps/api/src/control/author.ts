import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OPERATOR, type Principal } from '@tributary/control';
import { ApiError } from '../http/api.errors.js';
import { invalidRequest, problem } from '../http/problems.js';
import type { ByWhom } from './definition-changes.js';

/** Says why something is changed, in the words of whoever changes it. */
export const REASON_HEADER = 'x-reason';
const LONGEST_REASON = 500;

interface AuthoredRequest {
  /** Set by the guard that let the request in. */
  readonly principal?: Principal;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Who sent a request that changes something, and the reason that it gives. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): ByWhom => {
  const { principal = OPERATOR, headers } = context.switchToHttp().getRequest<AuthoredRequest>();
  const header = headers[REASON_HEADER];
  if (typeof header !== 'string' || header.trim() === '') return { author: principal };
  // Node reads headers as Latin-1; people write UTF-8.
  const reason = Buffer.from(header, 'latin1').toString('utf8').trim();
  if (reason.length > LONGEST_REASON)
    throw new ApiError(invalidRequest([problem('X-Reason', `must be ${LONGEST_REASON} characters at most`)]));
  return { author: principal, reason };
});
