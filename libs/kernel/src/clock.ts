/** Where time comes from: milliseconds since 1970-01-01T00:00Z. */
export interface Clock {
  now(): number;
}

/** RFC 3339 with milliseconds in UTC. */
export function toInstant(milliseconds: number): string {
  const whole = Math.trunc(milliseconds);
  const minute = Math.floor(whole / MINUTE_MS);
  let beginning = minutes.get(minute);
  if (beginning === undefined) {
    // Throws for what is no instant; up to the minute's colon, the same for all of them.
    beginning = new Date(whole).toISOString().slice(0, -SECONDS.length);
    if (minutes.size >= REMEMBERED_MINUTES) minutes.clear();
    minutes.set(minute, beginning);
  }
  const rest = whole - minute * MINUTE_MS;
  return `${beginning}${TWO_DIGITS[Math.floor(rest / 1_000)] ?? ''}.${THREE_DIGITS[rest % 1_000] ?? ''}Z`;
}

// Times come in heaps of the same minutes, and a date of its own for each costs most of what writing it does.
const MINUTE_MS = 60_000;
const REMEMBERED_MINUTES = 1_000;
const SECONDS = '00.000Z';
const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, i) => String(i).padStart(3, '0'));
const minutes = new Map<number, string>();
