/** What a value takes at most in a state, in bytes of JSON without the quotes. */
export const MAX_VALUE_BYTES = 256;

/** The same of the first and last text of a measure, of which a state has very many. */
export const MAX_BORDER_BYTES = 64;

/** A text, or as many of its first characters as fit. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 6 <= maxBytes) return text;
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > maxBytes) return text.slice(0, length);
    length += character.length;
  }
  return text;
}
