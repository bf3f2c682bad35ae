/** A member of a column of JSON, as JSON; an empty object where there is none. */
export function jsonIn(column: string, name: string): string {
  const text = `JSONExtractRaw(${column}, '${name}')`;
  return `CAST(if(isValidJSON(${text}), ${text}, '{}'), 'JSON') AS ${name}`;
}

/** A member of a column of JSON that is an instant. */
export function instantIn(column: string, name: string): string {
  return `parseDateTime64BestEffortOrNull(JSONExtractString(${column}, '${name}'), 3, 'UTC')`;
}
