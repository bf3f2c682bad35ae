/** Bytes as people read them. */
export interface RawText {
  readonly encoding: 'utf-8' | 'base64';
  readonly text: string;
  readonly bytes: number;
  /** Only the beginning is shown. */
  readonly cut: boolean;
}

/** A write key that a body carries, also where the body ends in the middle of it. */
const WRITE_KEY = /("writeKey"\s*:\s*)"(?:[^"\\]|\\.)*"?/g;

/** Text where the bytes are some, without write keys in either case. */
export function rawText(base64: string, bytes: number): RawText {
  // Byte for byte, so that what is no text is searched too.
  const latin1 = Buffer.from(base64, 'base64').toString('latin1');
  const shown = Buffer.from(latin1.replace(WRITE_KEY, '$1"(hidden)"'), 'latin1');
  const cut = latin1.length < bytes;
  const text = decoded(shown, cut);
  return text === undefined
    ? { encoding: 'base64', text: shown.toString('base64'), bytes, cut }
    : { encoding: 'utf-8', text, bytes, cut };
}

function decoded(bytes: Buffer, cut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
}
