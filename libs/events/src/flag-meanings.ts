import type { FlagCode } from './flags.js';
import { LIMITS } from './event.js';

/** What a flag says of a call that was accepted, and what its sender may do about it. */
export const FLAG_MEANINGS: Readonly<Record<FlagCode, readonly [meaning: string, advice: string]>> = {
  blocked_value: [
    'an id is a word that programs write when they have none; it names nobody here',
    'Leave an id out that is not known',
  ],
  identifier_too_long: [
    `a value is longer than ${LIMITS.identifierBytes} bytes, and no identifier`,
    'Send an id, not a document',
  ],
  too_many_identifiers: [
    `the call has more than ${LIMITS.identifiers} identifiers; the first ones are linked`,
    'Send the others in calls of their own',
  ],
  control_character: ['an id has control characters', 'Look at where the id comes from'],
  lone_surrogate: [
    'a text has half a character; U+FFFD stands for it',
    'Cut texts between characters, not between their halves',
  ],
  not_normalised: [
    'an id is written in another Unicode form than NFC: it differs from one that looks the same',
    'Send ids in NFC',
  ],
  surrounding_space: [
    'an id or the name of an event begins or ends with white space: it is another than the one without',
    'Trim ids and names of events',
  ],
  number_as_text: [
    'a number has more digits than a double holds, or is too large or too small for one; it is text with the same digits',
    'Send ids as text, and amounts as numbers that a double holds',
  ],
  repeated_field: [
    'a name with dots says what nested objects say too; the nested value counts, and the name is left out',
    'Send each value once',
  ],
  reserved_field: [
    "`context.tributary` is the platform's own; what was sent there is left out",
    'Send it under another name',
  ],
  invalid_external_id: [
    'an entry of `context.externalIds` is no identifier: its type is missing, has white space or a colon, or is reserved; or it has no id',
    'Send a type such as `crm`, and an id as text',
  ],
  not_an_email: [
    'an e-mail address is none, so it is a trait and no identifier',
    'Check addresses where they are typed',
  ],
  not_a_phone: [
    'a phone number is none, so it is a trait and no identifier',
    'Check numbers where they are typed; send them with their country, such as +41446681800',
  ],
  link_refused: [
    'the call has more identifiers of one namespace than a person may have: the later ones are not linked',
    'Send one call for each person, or raise the limit of the namespace',
  ],
  time_in_future: [
    'the call happened later than it was received, by more than clocks may differ; it counts as of its receipt',
    'Look at the clock of the sender; send `sentAt`, so that it can be corrected',
  ],
  unreadable_time: ['`sentAt` cannot be read, so the clock is not corrected', 'Send RFC 3339 text'],
  time_unit_guessed: [
    'a time is a number of seconds, microseconds or nanoseconds: its size says which',
    'Send RFC 3339 text, or milliseconds since 1970',
  ],
  clock_corrected: [
    '`sentAt` and the receipt differ by more than clocks may, so the time of the call is moved by the difference',
    'Look at the clock of the sender. `originalTimestamp` has the time as it was sent',
  ],
  implausible_sent_at: [
    '`sentAt` is more than ten years from the receipt, so it corrects nothing',
    'Look at how the sender makes `sentAt`',
  ],
};
