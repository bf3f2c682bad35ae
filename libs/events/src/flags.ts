import type { JsonObject } from './event.js';

/** What looks wrong in a call and is kept as it is. Closed: dashboards may switch on it. */
export const FLAG_CODES = [
  'blocked_value',
  'identifier_too_long',
  'too_many_identifiers',
  'control_character',
  'lone_surrogate',
  'not_normalised',
  'surrounding_space',
  'number_as_text',
  'repeated_field',
  'reserved_field',
  'invalid_external_id',
  'not_an_email',
  'not_a_phone',
  'link_refused',
  'time_in_future',
  'unreadable_time',
  'time_unit_guessed',
  'clock_corrected',
  'implausible_sent_at',
] as const;
export type FlagCode = (typeof FLAG_CODES)[number];

/** One flag: a code and the path of the field in the call. In an event: `context.tributary.flags`. */
export interface Flag {
  readonly code: FlagCode;
  readonly field: string;
}

const MOST = 20;
/** Anything but printable ASCII: nearly no id has it, and all that follows is for those that do. */
const UNUSUAL = /[^!-~]/;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Adds a flag; at most twenty are kept. */
export function flag(flags: Flag[], code: FlagCode, field: string): void {
  if (flags.length < MOST) flags.push({ code, field });
}

/** The text of an id as UTF-8 can write it; adds what looks wrong in it. Costs one search of an ordinary id. */
export function flaggedText(flags: Flag[], text: string, field: string): string {
  return UNUSUAL.test(text) ? unusualText(flags, text, field) : text;
}

function unusualText(flags: Flag[], text: string, field: string): string {
  if (CONTROL.test(text)) flag(flags, 'control_character', field);
  if (hasSurroundingSpace(text)) flag(flags, 'surrounding_space', field);
  if (!text.isWellFormed()) {
    flag(flags, 'lone_surrogate', field);
    return text.toWellFormed();
  }
  if (text.normalize('NFC') !== text) flag(flags, 'not_normalised', field);
  return text;
}

/** Whether a text begins or ends with white space of any kind. */
export function hasSurroundingSpace(text: string): boolean {
  return text.trim() !== text;
}

/** The context with the flags in it. */
export function withFlags(context: JsonObject, flags: readonly Flag[]): JsonObject {
  return { ...context, tributary: { flags } };
}
