/** Where time comes from: milliseconds since 1970-01-01T00:00Z. */
export interface Clock {
  now(): number;
}

/** RFC 3339 with milliseconds in UTC. */
export function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
