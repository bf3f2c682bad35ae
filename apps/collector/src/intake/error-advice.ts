import type { ErrorCode } from './answer.js';

/** What a client does about a request-level error. */
export const ERROR_ADVICE: Readonly<Record<ErrorCode, string>> = {
  malformed_json:
    'Send one JSON object in UTF-8. Sending the same again helps nothing; the bytes are kept, to be looked at',
  invalid_utf8:
    'Send UTF-8, or declare what it is, such as `text/plain; charset=windows-1252`; the bytes are kept, and can be replayed as what they are: see docs/rejected.md',
  malformed_charset: 'Declare the charset that the bytes are in; the bytes are kept, to be looked at',
  malformed_encoding: 'Compress the body as Content-Encoding says, or leave the header out',
  invalid_body: 'Send `{"batch": [...]}` on the batch routes, one call as an object on the others',
  empty_batch: 'Send nothing when there is nothing to send',
  nothing_found:
    'Look at the `webhook` mapping of the source: its `items` found none in this body, which is kept and can be replayed',
  unreadable_file:
    'Convert the file to JSON, a call a line, and send it as `application/x-ndjson`; the message says what it seems to be, and its beginning is kept, to be looked at',
  line_too_long: 'Send shorter lines; the line is kept',
  invalid_skip: 'Leave it out, or give the number of lines that the answer to the part before counts',
  file_interrupted: 'Send the file again with `?skip=` and the number of lines that are counted',
  nothing_acceptable:
    'Look at `rejected`, which names each call, its field and what would be right: see below',
  missing_write_key: 'Name a write key in one of the places that docs/routes.md has for the route',
  unknown_write_key: 'Use a write key that a source has now; one that was revoked is not known any more',
  wrong_write_key: 'Use a write key of the source that the path names',
  missing_signature: 'Send the header that the scheme in `webhook.signature` of the source has',
  invalid_signature:
    'Compare the secret at the sender with that of the source, and let nothing in between change the body',
  signature_expired: 'Correct the clock, or raise `toleranceSeconds` of `webhook.signature`',
  source_disabled: 'Enable the source, or stop sending; what is sent meanwhile is not kept',
  workspace_disabled:
    'Ask an admin of the installation to enable the workspace; what is sent meanwhile is not kept',
  origin_not_allowed: "Add the page's origin to the `allowedOrigins` of the source",
  no_webhook: 'Give the source a `webhook` mapping; the body is kept and can be replayed then',
  unknown_route: 'Use a route of docs/routes.md; the message names the nearest',
  body_too_large: 'Send smaller batches; compression does not help, for the limit is on what comes out',
  too_many_calls: 'Send smaller batches',
  batch_too_large: 'Send smaller batches, or less `context` for the whole batch',
  unsupported_content_type:
    'Send `Content-Type: application/json`, or `text/plain` from a browser that is to be spared a preflight; files go to /v1/import, as `application/x-ndjson`',
  unsupported_charset: 'Send UTF-8, or name the charset as the Encoding Standard does',
  unsupported_encoding: 'Compress with one of those, or not at all',
  rate_limited:
    'Send the same again after `Retry-After` seconds, or at `X-RateLimit-Reset`; raise the `rateLimit` of the source',
  quota_exceeded:
    'Send the same again after `Retry-After` seconds, or at `X-RateLimit-Reset`; ask an admin of the installation for more `eventsPerSecond`',
  internal_error:
    'Report it: this is a defect. What became of the calls is not known; sending them again with the same message ids counts none twice',
  overloaded: 'Send the same again after `Retry-After` seconds. Where it lasts, add collectors',
  sources_unknown:
    'Send the same again after `Retry-After` seconds: the collector has just started for the first time',
  unavailable:
    'Send the same again after `Retry-After` seconds; duplicates are recognised by their message ids',
};
