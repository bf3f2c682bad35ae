import type { ReasonCode } from './errors.js';
import { LIMITS } from './event.js';

/** What a reason code says of a call, and what its sender does about it. */
export const REASON_MEANINGS: Readonly<Record<ReasonCode, readonly [meaning: string, advice: string]>> = {
  not_an_object: ['the call is no JSON object', 'Send each call as an object'],
  unknown_type: ['`type` is none of the tracking calls', 'Name one of them in lower case'],
  event_too_large: [
    `the call is larger than ${LIMITS.eventBytes} bytes, with what the batch adds to it`,
    'Keep documents elsewhere and send a reference',
  ],
  nested_too_deep: [`objects are nested deeper than ${LIMITS.depth} levels`, 'Send flatter properties'],
  no_identifier: [
    'nothing in the call names a person: the ids are missing, or words such as `null`, `undefined` and `0`',
    'Send a `userId` or an `anonymousId` that names somebody',
  ],
  identifier_too_long: [
    `an id is longer than ${LIMITS.identifierBytes} bytes, and nothing else in the call names a person`,
    'Send an id, not a document',
  ],
  missing_event_name: ['a track call has no `event`', 'Name the event'],
  missing_user_id: ['an alias call has no `userId`', 'Name the id that the person has from now on'],
  missing_previous_id: ['an alias call has no `previousId`', 'Name the id that the person had before'],
  missing_group_id: ['a group call has no `groupId`', 'Name the group'],
  message_id_too_long: [
    `\`messageId\` is longer than ${LIMITS.messageIdLength} characters`,
    'Send a shorter one, such as a UUID, or none',
  ],
  invalid_timestamp: [
    'a time cannot be read, or is none that there is, such as 30 February',
    'Send RFC 3339 text, such as `2026-01-02T03:04:05.678Z`, or milliseconds since 1970',
  ],
  invalid_field: ['a field has a value of another type', 'Send what the message names'],
};
