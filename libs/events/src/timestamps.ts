/** Clocks differ by less, and nobody needs to look at it. In milliseconds. */
export const USUAL_SKEW_MS = 60_000;

const LATEST = 253_402_300_799_999;
/** Numbers below are seconds that somebody took for milliseconds: 1973 at the latest. */
const EARLIEST_NUMBER = 100_000_000_000;
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TEXT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?)\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads an instant as milliseconds since 1970: RFC 3339 and ISO 8601 texts with a date, UTC where no zone is given,
 * or a number of milliseconds. Undefined for anything else, and for what is not between 1970 and 9999.
 */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value >= EARLIEST_NUMBER && value <= LATEST ? Math.floor(value) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const parsed = USUAL.test(value) ? Date.parse(value) : parseUnusual(value);
  return parsed >= 0 && parsed <= LATEST ? parsed : undefined;
}

function parseUnusual(value: string): number {
  const found = TEXT.exec(value);
  if (!found) return NaN;
  const [, date = '', time = '00:00', zone = 'Z'] = found;
  return Date.parse(`${date}T${time.replace(',', '.')}${withColon(zone.toUpperCase())}`);
}

function withColon(zone: string): string {
  if (zone === 'Z' || zone.includes(':')) return zone;
  return zone.length === 3 ? `${zone}:00` : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/**
 * When it happened, by the server's clock: `receivedAt − (sentAt − original)`, as in Segment's HTTP Tracking API.
 * Without `sentAt` nothing is corrected, without `original` it happened when it was received. Between 1970 and
 * `receivedAt` in any case. All in milliseconds.
 */
export function correctedTime(
  receivedAt: number,
  original: number | undefined,
  sentAt: number | undefined,
): number {
  if (original === undefined) return receivedAt;
  const corrected = sentAt === undefined ? original : receivedAt - (sentAt - original);
  return Math.max(0, Math.min(corrected, receivedAt));
}
