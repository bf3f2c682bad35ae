import { HttpException } from '@nestjs/common';
import type { Result } from '@tributary/kernel';

/** Every code that an answer may carry, and its HTTP status. */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_query: 400,
  unauthorized: 401,
  profile_not_found: 404,
  audience_not_found: 404,
  source_not_found: 404,
  write_key_not_found: 404,
  rejected_not_found: 404,
  identifier_not_found: 404,
  split_not_found: 404,
  route_not_found: 404,
  write_key_taken: 409,
  too_many_splits: 409,
  dry_run_running: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  dry_run_too_large: 422,
  internal_error: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** An expected failure of a request. */
export interface ApiFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
}

/** Carries a failure through Nest to the filter that writes it. */
export class ApiError extends HttpException {
  constructor(
    readonly failure: ApiFailure,
    options?: { readonly cause?: unknown },
  ) {
    super({ error: failure }, ERROR_STATUS[failure.code], options);
    this.name = 'ApiError';
  }
}

/** The value of a result; its failure becomes the answer. */
export function orThrow<T>(result: Result<T, ApiFailure>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.error);
}
