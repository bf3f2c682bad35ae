import { DateTime } from 'luxon';

/** How far a client's clock may be wrong before it matters. In milliseconds. */
export const DEFAULT_CLOCK_TOLERANCE_MS = 60_000;

const LATEST = 253_402_300_799_999;
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** No time is written in more characters. */
const LONGEST = 100;
const TWO = String.raw`(\d\d)`;
const TIME = String.raw`:?${TWO}(?::?${TWO}(?:[.,](\d{1,12}))?)?`;
const ZONE = String.raw`(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?: UTC)?`;
/** `2026-01-02`, with `T03:04:05.678+02:00`, with a blank instead of the T, with less of it; slashes for dashes. */
const DASHED = new RegExp(String.raw`^(\d{4})([-/])${TWO}\2${TWO}(?:[T ]${TWO}${TIME} ?${ZONE})?$`, 'i');
/** `20260102T030405Z`; not the date alone, which could as well be a number. */
const BASIC = new RegExp(String.raw`^(\d{4})()${TWO}${TWO}T${TWO}${TIME}${ZONE}$`, 'i');
/** What a browser's `String(new Date())` is: its zone's name, which comes last, says nothing that the offset does not. */
const BROWSER = /^([a-z]{3} [a-z]{3} \d\d \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \([^()]*\))?$/i;
/** RFC 1123 and RFC 2822, as far as they distinguish a time from another text. */
const NAMED_MONTH = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[a-z]{1,3}|[+-]\d{4})$/i;
const EPOCH = /^\d{9,19}(?:\.\d{1,9})?$/;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** From each number on, what it counts since 1970 is a thousandth: of 1973 to 5138, each in its unit. */
const SECONDS_FROM = 1e8;
const MILLISECONDS_FROM = 1e11;
const MICROSECONDS_FROM = 1e14;
const NANOSECONDS_FROM = 1e17;
const NUMBERS_END = 1e20;

/** An instant as it was read. */
export interface ReadInstant {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It is a number of seconds, microseconds or nanoseconds, as its size says. */
  readonly bySize: boolean;
}

/**
 * Reads an instant wherever it can mean one thing only: RFC 3339 and ISO 8601 texts with a date, also in their basic
 * form, with a blank for the T or slashes for dashes, UTC where no zone is given; RFC 1123, RFC 2822 and what browsers
 * print; and numbers since 1970, also as text, in seconds, milliseconds, microseconds or nanoseconds by their size.
 * A leap second is the last millisecond before it. Undefined for anything else, for dates and hours that there are not,
 * and for what is not between 1970 and 9999.
 */
export function readInstant(value: unknown): ReadInstant | undefined {
  if (typeof value === 'number') return ofNumber(value, value);
  if (typeof value !== 'string') return undefined;
  if (USUAL.test(value) && isUsualDate(value)) return within(Date.parse(value), false);
  return value.length <= LONGEST ? ofText(value.trim()) : undefined;
}

/** As {@link readInstant}, the milliseconds alone. */
export function parseInstant(value: unknown): number | undefined {
  return readInstant(value)?.at;
}

/**
 * Whether a text that is no instant is written as one, so that a day or an hour in it is the fault: 30 February, 25:00,
 * a year before 1970.
 */
export function isWrittenAsTime(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > LONGEST) return false;
  const text = value.trim();
  if (DASHED.test(text) || BASIC.test(text)) return true;
  return /[a-z]{3}/i.test(text) && (BROWSER.test(text) || NAMED_MONTH.test(text));
}

/** Days up to the 28th are in every month; the others, and the hour 24, are looked at more closely. */
function isUsualDate(value: string): boolean {
  const tens = value.charCodeAt(8) - 0x30;
  const day = tens * 10 + value.charCodeAt(9) - 0x30;
  return day <= 28 || day <= daysOf(Number(value.slice(0, 4)), Number(value.slice(5, 7)));
}

function daysOf(year: number, month: number): number {
  if (month === 2 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return 28;
  return DAYS[month - 1] ?? 0;
}

function within(at: number, bySize: boolean): ReadInstant | undefined {
  return at >= 0 && at <= LATEST ? { at, bySize } : undefined;
}

/** `exact` is the same number, its digits as they were written where it is a text of them alone. */
function ofNumber(number: number, exact: number | string): ReadInstant | undefined {
  if (!(number >= SECONDS_FROM && number < NUMBERS_END)) return undefined;
  if (number < MILLISECONDS_FROM) return within(Math.floor(number * 1_000), true);
  if (number < MICROSECONDS_FROM) return within(Math.floor(number), false);
  const perMs = number < NANOSECONDS_FROM ? 1_000 : 1_000_000;
  const whole = typeof exact === 'string' ? BigInt(exact) : BigInt(Math.floor(exact));
  return within(Number(whole / BigInt(perMs)), true);
}

function ofText(text: string): ReadInstant | undefined {
  if (EPOCH.test(text)) return ofNumber(Number(text), text.replace(/\..*$/, ''));
  const iso = DASHED.exec(text) ?? BASIC.exec(text);
  return within(iso ? ofParts(iso) : ofNamedMonth(text), false);
}

function ofParts(found: RegExpExecArray): number {
  const [year, , month, day, hour, minute, second] = found.slice(1, 8).map((part) => Number(part || 0));
  const [fraction = '', zone = 'Z'] = found.slice(8, 10);
  const clock = timeOf(hour ?? 0, minute ?? 0, second ?? 0, Number(fraction.slice(0, 3).padEnd(3, '0')));
  if (!month || !day || day > daysOf(year ?? 0, month)) return NaN;
  const at = Date.UTC(year ?? 0, month - 1, day) + clock - offsetOf(zone);
  return second === 60 && !isEndOfDay(at) ? NaN : at;
}

/** Milliseconds since midnight; that of the next day is 24:00. */
function timeOf(hour: number, minute: number, second: number, ms: number): number {
  if (minute > 59 || second > 60 || hour > 24 || (hour === 24 && minute + second + ms > 0)) return NaN;
  const whole = (hour * 60 + minute) * 60_000;
  return second === 60 ? whole + 59_999 : whole + second * 1_000 + ms;
}

/** Leap seconds are at the end of a day in UTC. */
function isEndOfDay(at: number): boolean {
  return at % 86_400_000 === 86_399_999;
}

function offsetOf(zone: string): number {
  const found = OFFSET.exec(zone);
  if (!found) return 0;
  const [, sign, hours, minutes = '0'] = found;
  if (Number(hours) > 23 || Number(minutes) > 59) return NaN;
  return (sign === '-' ? -60_000 : 60_000) * (Number(hours) * 60 + Number(minutes));
}

function ofNamedMonth(text: string): number {
  if (!/[a-z]{3}/i.test(text)) return NaN;
  const browser = BROWSER.exec(text);
  const read = browser
    ? DateTime.fromFormat(`${browser[1] ?? ''} ${browser[2] ?? ''}`, 'EEE MMM dd yyyy HH:mm:ss ZZZ', EN)
    : [DateTime.fromRFC2822(text), DateTime.fromHTTP(text)].find(({ isValid }) => isValid);
  return read?.isValid ? read.toMillis() : NaN;
}

const EN = { locale: 'en-US' };

/** When something happened by the server's clock, and what was done about the client's. */
export interface CorrectedTime {
  /** Milliseconds since 1970, not after the receipt. */
  readonly at: number;
  /** The client's clock was wrong, and the time is corrected for it. */
  readonly corrected: boolean;
  /** `sentAt` is too wrong to be a clock's. */
  readonly disbelieved: boolean;
  /** The time was later than the receipt by more than the tolerance, and is that of the receipt now. */
  readonly inFuture: boolean;
}

/** A clock that is as wrong as that is none. */
const ABSURD_SKEW_MS = 10 * 365.25 * 86_400_000;
/** Unless what happened has its time of the same clock: a device without a battery thinks that it is 1970. */
const SAME_CLOCK_MS = 30 * 86_400_000;

/**
 * When it happened, by the server's clock. Where `sentAt` differs from the receipt by more than the tolerance, the
 * client's clock is wrong, and the time is `receivedAt − (sentAt − original)`, as in Segment's HTTP Tracking API. Within
 * it, the difference is the way that the call took, and the time stays as it was given. A `sentAt` that is wrong by more
 * than ten years is believed only where `original` is by the same clock, within 30 days of it. Without `sentAt` nothing
 * is corrected, without `original` it happened when it was received. All in milliseconds.
 */
export function correctedTime(
  receivedAt: number,
  original: number | undefined,
  sentAt: number | undefined,
  toleranceMs: number = DEFAULT_CLOCK_TOLERANCE_MS,
): CorrectedTime {
  const skew = sentAt === undefined ? 0 : Math.abs(receivedAt - sentAt);
  const isAbsurd = skew > ABSURD_SKEW_MS;
  if (original === undefined)
    return { at: receivedAt, corrected: false, disbelieved: isAbsurd, inFuture: false };
  const disbelieved = isAbsurd && Math.abs((sentAt ?? original) - original) > SAME_CLOCK_MS;
  const corrected = skew > toleranceMs && !disbelieved;
  const at = corrected ? receivedAt - ((sentAt ?? original) - original) : original;
  const inFuture = at > receivedAt + toleranceMs;
  return { at: Math.max(0, Math.min(at, receivedAt)), corrected, disbelieved, inFuture };
}
