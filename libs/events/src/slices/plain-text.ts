const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEL = 0x7f;

/** The text between these quotes; undefined where it is no text, or not ASCII as it stands. */
export function plainText(bytes: Buffer, from: number, end: number): string | undefined {
  if (bytes[from] !== QUOTE) return undefined;
  for (let at = from + 1; at < end - 1; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte >= DEL) return undefined;
  }
  return bytes.toString('latin1', from + 1, end - 1);
}
