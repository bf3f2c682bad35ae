import type { ErrorCode } from './api.errors.js';

/** What a code says of a request, and what its sender does about it. */
export const ERROR_MEANINGS: Readonly<Record<ErrorCode, readonly [meaning: string, advice: string]>> = {
  invalid_request: [
    'the body or a parameter is not as it should be',
    'Look at `details`, which names each field',
  ],
  invalid_query: ['the query of an audience cannot be read', 'Look at the message, which names the place'],
  unauthorized: [
    'there is no token, or a wrong one',
    'Send the token as `Authorization: Bearer`, or as user of HTTP Basic',
  ],
  profile_not_found: [
    'no profile has this id or identifier',
    'Nothing, where the person may not have been seen yet',
  ],
  audience_not_found: ['there is no audience of this key', 'Define it first, or look at the list'],
  source_not_found: ['there is no source of this id', 'Define it first, or look at the list'],
  write_key_not_found: ['the source has no such write key', 'Look at the keys of the source'],
  rejected_not_found: [
    'there is no rejected record at this place, or not any more',
    'Look at the list; records are kept for 30 days',
  ],
  identifier_not_found: [
    'the identifier occurred on no event',
    'Look at how it is written: `namespace:value`, in the case in which it was sent',
  ],
  split_not_found: ['no split between these two identifiers is in force', 'Look at the list'],
  route_not_found: ['there is no such route', 'Use one of `/openapi.json`'],
  write_key_taken: [
    'the write key is another source’s',
    'Let the API make one, or take it from the other source first',
  ],
  too_many_splits: [
    'as many splits as may be name the identifier already',
    'Remove some of them. Block the value by the rules if it belongs to nobody',
  ],
  dry_run_running: [
    'another dry run of identity rules is under way',
    'Send the same again when that one has been answered',
  ],
  precondition_failed: [
    'the resource has changed since it was read, or is there although `If-None-Match` asks that it is not',
    'Read it again, decide again, and write with the new `ETag`',
  ],
  payload_too_large: ['the body is too large', 'Send a smaller one'],
  unsupported_media_type: ['the body is not JSON by its type', 'Send `Content-Type: application/json`'],
  dry_run_too_large: [
    'there are more links than a dry run may look at, or it takes longer or more memory than it may',
    'Raise the setting that the message names',
  ],
  internal_error: ['the request could not be handled', 'Report it: this is a defect'],
  unavailable: ['Kafka or ClickHouse does not answer', 'Send the same again a little later'],
};
