import { Catch } from '@nestjs/common';
import { DatabaseAwayError } from '@tributary/control';
import { HttpErrorFilter, statusOf, type HttpFailure } from '@tributary/service';
import { ApiError, ERRORS, type ApiFailure, type ErrorCode } from './api.errors.js';
import { MEDIA_TYPE_REMEDY } from './body-parser.js';

const HEADERS: Partial<Record<ErrorCode, Readonly<Record<string, string>>>> = {
  unavailable: { 'retry-after': '1' },
  unauthorized: { 'www-authenticate': 'Basic realm="tributary", Bearer' },
};

/** Every failure is answered with a code of the API's; of what nobody expected the caller learns only that it happened. */
@Catch()
export class ApiExceptionFilter extends HttpErrorFilter {
  protected override failureOf(exception: unknown, missing: () => string): HttpFailure {
    const error = errorOf(exception, missing);
    return { status: ERRORS[error.code][0], body: { error }, headers: HEADERS[error.code] ?? {} };
  }
}

function errorOf(exception: unknown, missing: () => string): ApiFailure {
  if (exception instanceof ApiError) return exception.failure;
  if (exception instanceof DatabaseAwayError)
    return { code: 'unavailable', message: 'The database does not answer now; ask again.' };
  const status = statusOf(exception);
  if (status === 404) return { code: 'route_not_found', message: missing() };
  if (status === 415) {
    const message = `Content-Type is no media type. ${MEDIA_TYPE_REMEDY}`;
    return { code: 'unsupported_media_type', message };
  }
  const code = CODES[status];
  if (code && exception instanceof Error) return { code, message: exception.message };
  return { code: 'internal_error', message: 'The request failed; the log of the service says why.' };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  413: 'payload_too_large',
};
