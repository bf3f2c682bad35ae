import type { RejectedMessage } from '@tributary/contracts';
import { jsonrepair } from 'jsonrepair';
import { isUtf8 } from 'node:buffer';
import { parseJson } from '../intake/payload.js';
import { readForm } from '../webhook/form-body.js';

/** What bytes are that are no UTF-8, nearly always: what Windows writes, in which each byte is a character. */
const USUAL_CHARSET = 'windows-1252';
/** A text, or what Python writes for numbers that JSON does not have. */
const TEXT_OR_WORD = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gs;

/** The value that rejected bytes are; where `repair` is set, also of bytes that are nearly JSON. Undefined: none. */
export async function bodyOf({ raw, request }: RejectedMessage, repair: boolean): Promise<unknown> {
  const bytes = Buffer.from(raw, 'base64');
  const parsed = (await readForm(bytes, request?.contentType)) ?? parseJson(bytes);
  return parsed === undefined && repair ? repaired(bytes) : parsed;
}

/** `null` stands for NaN and Infinity, as in what JavaScript writes; wrong escapes are what they look like. */
function repaired(bytes: Buffer): unknown {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder(USUAL_CHARSET).decode(bytes);
  const known = text.replace(TEXT_OR_WORD, (found) => (found.startsWith('"') ? found : 'null'));
  try {
    const value = parseJson(Buffer.from(jsonrepair(known)));
    // Anything at all can be made a text; a call and a batch are objects.
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
