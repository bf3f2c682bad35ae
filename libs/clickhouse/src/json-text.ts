const BACKSLASH_U = [Buffer.from('\\ud'), Buffer.from('\\uD')] as const;
const ESCAPE =
  /\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}/g;
const LONE_SURROGATE_LENGTH = 6;
const OPENING_BRACE = 0x7b;

/**
 * A JSON text with each escaped half of a surrogate pair that stands alone replaced by U+FFFD. JavaScript writes and
 * reads such halves (a text split in the middle of an emoji), ClickHouse refuses the whole text for one.
 */
export function wellFormedJson(json: Buffer): Buffer {
  if (!BACKSLASH_U.some((start) => json.includes(start))) return json;
  const text = json.toString('utf8');
  const mended = text.replace(ESCAPE, (found) =>
    found.length === LONE_SURROGATE_LENGTH ? '\\ufffd' : found,
  );
  return mended === text ? json : Buffer.from(mended, 'utf8');
}

/**
 * The JSON text of an object with more fields in front, without parsing it: `{"a":1}` with `{b: 2}` is
 * `{"b":2,"a":1}`. Undefined where the text does not begin as an object with a field; otherwise it is not looked at.
 */
export function withFields(
  json: Buffer,
  fields: Readonly<Record<string, string | number>>,
): Buffer | undefined {
  if (json[0] !== OPENING_BRACE || json.length < '{"a":1}'.length) return undefined;
  const front = JSON.stringify(fields);
  return Buffer.concat([Buffer.from(`${front.slice(0, -1)},`, 'utf8'), json.subarray(1)]);
}
