/** Many digits in a row: nothing in ordinary bodies, and cheap to look for. */
const MANY_DIGITS = /\d{16}/;
/** An integer of as many digits that is a value of its own, not part of a text. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[,}\]]/;
/** The fields of a call whose numbers are texts in truth. */
const IDS: ReadonlySet<string> = new Set([
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'messageId',
  'id',
  'advertisingId',
  'phone',
]);

/**
 * Parses JSON as `JSON.parse` does, but an id that is an integer beyond 2^53 becomes the text of its digits, which a
 * number would lose. Bodies without long integers, nearly all, pay for one search of the text.
 *
 * @throws SyntaxError where the text is no JSON
 */
export function parseExactly(text: string): unknown {
  if (!MANY_DIGITS.test(text) || !LONG_INTEGER.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, exactId) as unknown;
}

function exactId(key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || source === undefined || !IDS.has(key)) return value;
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(source) ? source : value;
}
