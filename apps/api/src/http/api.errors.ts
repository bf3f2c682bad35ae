import { HttpException } from '@nestjs/common';
import type { Result } from '@tributary/kernel';

/** Every code that an answer may carry: its HTTP status, what it says of a request, and what its sender does about it. */
export const ERRORS = {
  invalid_request: [
    400,
    'the body or a parameter is not as it should be',
    'Look at `details`, which names each field',
  ],
  invalid_query: [
    400,
    'the query of an audience cannot be read',
    'Look at the message, which names the place',
  ],
  unauthorized: [
    401,
    'there is no token and no session, or one that is wrong, expired or revoked',
    'Send a token as `Authorization: Bearer`, or as user of HTTP Basic, or sign in; `details.reason` says what is wrong',
  ],
  sign_in_failed: [
    401,
    'the email address or the password is wrong, or what the provider says opens nothing',
    'Try again, or ask an admin for a link; of a provider, the message says why',
  ],
  forbidden: [
    403,
    'whoever asks may not do this',
    'Use a token with the scope that the message names, or ask an admin for the role',
  ],
  workspace_disabled: [403, 'the workspace is disabled', 'Ask an admin of the installation to enable it'],
  cross_site: [
    403,
    'a page of another site sent the request, as far as its headers say',
    'Send it from the API’s own page, with `X-CSRF-Token`, or with a token instead of the cookie; behind a proxy set `API_PUBLIC_URL`',
  ],
  profile_not_found: [
    404,
    'no profile has this id or identifier',
    'Nothing, where the person may not have been seen yet',
  ],
  account_not_found: [
    404,
    'no group call has named this account',
    'Nothing, where none may have been sent yet; otherwise compare the id with `groupId` of the calls',
  ],
  workspace_not_found: [
    404,
    'there is no such workspace, or it is not yours',
    'Leave `X-Workspace` out, or name your own',
  ],
  trait_not_found: [404, 'there is no computed trait of this key', 'Define it first, or look at the list'],
  trait_rule_not_found: [
    404,
    'the trait has no rule of its own',
    'Define one first, or look at the list; without one the latest value holds',
  ],
  audience_not_found: [404, 'there is no audience of this key', 'Define it first, or look at the list'],
  source_not_found: [404, 'there is no source of this id', 'Define it first, or look at the list'],
  write_key_not_found: [404, 'the source has no such write key', 'Look at the keys of the source'],
  rejected_not_found: [
    404,
    'there is no rejected record at this place, or not any more',
    'Look at the list; records are kept for 30 days',
  ],
  identifier_not_found: [
    404,
    'the identifier occurred on no event',
    'Look at how it is written: `namespace:value`, in the case in which it was sent',
  ],
  split_not_found: [404, 'no split between these two identifiers is in force', 'Look at the list'],
  token_not_found: [404, 'there is no API token of this id', 'Look at the list'],
  user_not_found: [404, 'there is no user of this id', 'Look at the list'],
  session_not_found: [404, 'there is no session of this id that is yours', 'Look at the list'],
  privacy_request_not_found: [404, 'there is no privacy request of this id', 'Look at the list'],
  export_not_available: [
    404,
    'the privacy request is no export that is done, or too old a one',
    'Ask for another export',
  ],
  version_not_found: [
    404,
    'the definition has no such version, or the version says that it was removed',
    'Look at its versions',
  ],
  route_not_found: [404, 'there is no such route', 'Use one of `/openapi.json`'],
  write_key_taken: [
    409,
    'the write key is another source’s',
    'Let the API make one, or take it from the other source first',
  ],
  token_revoked: [409, 'the API token is revoked', 'Make another'],
  email_taken: [409, 'another user has the email address', 'Look at the list of users'],
  limit_reached: [
    409,
    'there are as many tokens, users, workspaces or suppressed identifiers as may be',
    'Remove users, rotate tokens instead of making more, or raise the setting that the message names',
  ],
  quota_exceeded: [
    409,
    'the workspace has as many of these as its quota lets it have',
    'Remove some, or ask an admin of the installation for more',
  ],
  idempotency_key_reused: [
    409,
    'another request was sent with the same `Idempotency-Key`',
    'Send each request with a key of its own',
  ],
  workspace_in_use: [
    409,
    'the workspace has definitions in force, or is that of the settings',
    'Remove the definitions first, or disable the workspace',
  ],
  trait_in_use: [
    409,
    'a score ranks the computed trait, or an audience reads it',
    'Change or remove the scores or audiences that the message names first',
  ],
  audience_in_use: [
    409,
    'another audience names the audience',
    'Change or remove the audiences that the message names first',
  ],
  too_many_splits: [
    409,
    'as many splits as may be name the identifier already',
    'Remove some of them. Block the value by the rules if it belongs to nobody',
  ],
  dry_run_running: [
    409,
    'another dry run of identity rules is under way',
    'Send the same again when that one has been answered',
  ],
  previews_running: [
    409,
    'as many previews of audiences as may be are under way',
    'Send the same again when one of them has been answered',
  ],
  link_not_good: [410, 'the link was used, has expired, or never was', 'Ask an admin for another'],
  precondition_failed: [
    412,
    'the resource has changed since it was read, or is there although `If-None-Match` asks that it is not',
    'Read it again, decide again, and write with the new `ETag`',
  ],
  payload_too_large: [413, 'the body is too large', 'Send a smaller one'],
  unsupported_media_type: [415, 'the body is not JSON by its type', 'Send `Content-Type: application/json`'],
  dry_run_too_large: [
    422,
    'there are more links than a dry run may look at, or it takes longer or more memory than it may',
    'Raise the setting that the message names',
  ],
  preview_too_large: [
    422,
    'a preview of an audience takes longer or more memory than it may',
    'Name the events that it counts, or raise the setting that the message names',
  ],
  too_many_attempts: [
    429,
    'there were too many attempts to sign in, on the account or from the address',
    'Wait as long as `Retry-After` says',
  ],
  too_many_streams: [
    429,
    'as many streams of changes as may be are open',
    'Close one, or raise the setting that the message names',
  ],
  internal_error: [500, 'the request could not be handled', 'Report it: this is a defect'],
  unavailable: [
    503,
    'Kafka, ClickHouse or the database does not answer',
    'Send the same again a little later',
  ],
} as const satisfies Record<string, readonly [status: number, meaning: string, advice: string]>;

export type ErrorCode = keyof typeof ERRORS;

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
    super({ error: failure }, ERRORS[failure.code][0], options);
    this.name = 'ApiError';
  }
}

/** The value of a result; its failure becomes the answer. */
export function orThrow<T>(result: Result<T, ApiFailure>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.error);
}
