const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d)))?$/;

/** Seconds since 1970, and a part of one. */
export interface Moment {
  readonly seconds: number;
  /** Nanoseconds. */
  readonly fraction: number;
}

/**
 * The order of two texts that are both instants: a date (`2026-06-01`, its midnight in UTC) or a whole date-time of RFC
 * 3339, with its offset. Undefined where one of them is anything else.
 */
export function compareInstants(a: string, b: string): number | undefined {
  const x = momentOf(a);
  const y = x && momentOf(b);
  return y && (x.seconds - y.seconds || x.fraction - y.fraction);
}

/** Whether a text is an instant, as {@link compareInstants} takes it. */
export function isInstant(text: string): boolean {
  return momentOf(text) !== undefined;
}

/** When a text is, where it is an instant. */
export function momentOf(text: string): Moment | undefined {
  // Nearly no text is one: its fifth character says so.
  if (text.length < 10 || text.charCodeAt(4) !== 0x2d) return undefined;
  const parts = INSTANT.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(numberOf);
  const [fraction = '', sign, offsetHours, offsetMinutes] = parts.slice(7);
  const offset = numberOf(offsetHours) * 60 + numberOf(offsetMinutes);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (numberOf(offsetHours) > 23 || numberOf(offsetMinutes) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that there is not would be another one.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const local = date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second;
  return {
    seconds: local - (sign === '-' ? -offset : offset) * 60,
    fraction: Number(fraction.padEnd(9, '0')),
  };
}

/** The first millisecond since 1970 that is not before an instant; undefined where the text is none. */
export function instantMs(text: string): number | undefined {
  const moment = momentOf(text);
  return moment && moment.seconds * 1_000 + Math.ceil(moment.fraction / 1_000_000);
}

function numberOf(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits);
}
