import { failed, ok, type Result } from '@tributary/kernel';
import { charsetIn } from './media-type.js';

/** Of the encodings that Node.js decodes, those that are worth naming in an error. */
export const CHARSETS_NAMED =
  'utf-8, utf-16, iso-8859-1, windows-1252 and the others of the Encoding Standard';

const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii', 'unicode-1-1-utf-8']);
const UTF16: ReadonlySet<string> = new Set(['utf-16', 'utf16', 'ucs-2', 'utf-16le', 'utf-16be']);

/** How the bytes of a body become text. */
export type Charset = 'utf-8' | (string & {});

/** False for a charset that cannot be decoded: it is refused before the body is read. */
export function isKnownCharset(contentType: string | undefined): boolean {
  const charset = charsetIn(contentType);
  if (charset === undefined || UTF8.has(charset) || UTF16.has(charset)) return true;
  try {
    return new TextDecoder(charset).encoding !== '';
  } catch {
    return false;
  }
}

/**
 * The charset of a text that begins with these bytes: that of its byte order mark; else the declared one; else UTF-16
 * where every second byte is zero, as in JSON, which begins with ASCII; else UTF-8.
 */
export function charsetOf(head: Buffer, contentType: string | undefined): Charset {
  const marked = byMark(head) ?? byZeros(head);
  const declared = charsetIn(contentType);
  if (declared === undefined || UTF8.has(declared)) return marked ?? 'utf-8';
  if (UTF16.has(declared)) return marked ?? (declared === 'utf-16be' ? declared : 'utf-16le');
  return byMark(head) ?? declared;
}

function byMark([first = 0, second = 0, third = 0]: Buffer): Charset | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : undefined;
}

function byZeros([first, second, third, fourth]: Buffer): Charset | undefined {
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return 'utf-16be';
  return second === 0 && first !== 0 && fourth === 0 && third !== 0 ? 'utf-16le' : undefined;
}

const MARK_BYTES = 3;

/**
 * The bytes as UTF-8, without a byte order mark. UTF-8 is taken as it is: whether it is well-formed is for the reader to
 * say, who can name the place.
 */
export function inUtf8(bytes: Buffer, contentType: string | undefined): Result<Buffer, 'malformed_charset'> {
  const charset = charsetOf(bytes, contentType);
  if (charset === 'utf-8') return ok(byMark(bytes) === 'utf-8' ? bytes.subarray(MARK_BYTES) : bytes);
  try {
    return ok(Buffer.from(new TextDecoder(charset, { fatal: true }).decode(bytes)));
  } catch {
    return failed('malformed_charset');
  }
}

/** As {@link inUtf8}, of a stream whose first bytes are `head`; throws where it is no text of its charset. */
export async function* streamInUtf8(
  chunks: AsyncIterable<Buffer>,
  head: Buffer,
  contentType: string | undefined,
): AsyncGenerator<Buffer> {
  const charset = charsetOf(head, contentType);
  let toSkip = charset === 'utf-8' && byMark(head) === 'utf-8' ? MARK_BYTES : 0;
  const decoder = charset === 'utf-8' ? undefined : new TextDecoder(charset, { fatal: true });
  for await (const chunk of chunks) {
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk.subarray(toSkip);
    toSkip = Math.max(0, toSkip - chunk.length);
  }
  if (decoder) yield Buffer.from(decoder.decode());
}
