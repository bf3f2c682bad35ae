import { behindKey, behindSpace, closeOfKey, NOT_PLAIN } from './scan-json.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

/** A batch that is no JSON, of which it is certain nevertheless where its calls are. */
export interface NearBatch {
  /** The body with an empty `batch`. */
  readonly envelope: Buffer;
  /** The calls, as they came; each of them may be JSON or not. */
  readonly calls: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

/**
 * Finds the calls of a batch by quotes and brackets alone. Undefined where these do not say it: a bracket that does not
 * match or is missing, a quote too many, a backslash outside of texts; or more calls than `most`. The backslash is what
 * makes it safe: where a quote is missing, texts and what is between them change places, and JSON within a text, which
 * would then look like a call, has its quotes escaped.
 */
export function nearBatch(bytes: Buffer, most: number): NearBatch | undefined {
  let found: NearBatch | undefined;
  const end = eachMember(bytes, (key, from) => {
    if (key !== 'batch') return behindRough(bytes, from);
    if (found || bytes[from] !== OPEN_BRACKET) return NOT_PLAIN;
    const calls: { offset: number; bytes: Buffer }[] = [];
    const behind = roughItems(bytes, from, (offset, end) => {
      return calls.push({ offset, bytes: bytes.subarray(offset, end) }) <= most;
    });
    if (behind === NOT_PLAIN) return NOT_PLAIN;
    const envelope = Buffer.concat([bytes.subarray(0, from), Buffer.from('[]'), bytes.subarray(behind)]);
    found = { envelope, calls };
    return behind;
  });
  return end === NOT_PLAIN ? undefined : found;
}

/** The text of a member of an object that is no JSON, as far as it can be read: the first with the name. */
export function nearText(bytes: Buffer, name: string): string | undefined {
  let text: string | undefined;
  eachMember(bytes, (key, from) => {
    const end = behindRough(bytes, from);
    if (end !== NOT_PLAIN && key === name && bytes[from] === QUOTE) {
      text ??= textOf(bytes.toString('utf8', from, end));
    }
    return end;
  });
  return text;
}

function textOf(json: string): string | undefined {
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Goes through the members of the object that the bytes are; answers what is behind it, and nothing else follows. */
function eachMember(bytes: Buffer, behind: (key: string, from: number) => number): number {
  let at = behindSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return NOT_PLAIN;
  do {
    at = behindSpace(bytes, at + 1);
    const value = behindKey(bytes, at);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    const end = behind(bytes.toString('latin1', at + 1, closeOfKey(bytes, at)), value);
    if (end === NOT_PLAIN) return NOT_PLAIN;
    at = behindSpace(bytes, end);
  } while (bytes[at] === COMMA);
  if (bytes[at] !== CLOSE_BRACE) return NOT_PLAIN;
  return behindSpace(bytes, at + 1) === bytes.length ? at + 1 : NOT_PLAIN;
}

/** Goes through the items of an array while they are wanted; between two commas, or before the end, there may be none. */
function roughItems(bytes: Buffer, from: number, wanted: (from: number, end: number) => boolean): number {
  let at = from;
  do {
    const start = behindSpace(bytes, at + 1);
    at = behindRough(bytes, start);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    let end = at;
    while (end > start && (bytes[end - 1] ?? 0) <= SPACE) end -= 1;
    if (end > start && !wanted(start, end)) return NOT_PLAIN;
  } while (bytes[at] === COMMA);
  return bytes[at] === CLOSE_BRACKET ? at + 1 : NOT_PLAIN;
}

/** To the comma or the closing bracket that ends the value which begins here. */
function behindRough(bytes: Buffer, from: number): number {
  const open: number[] = [];
  for (let at = from; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = behindRoughText(bytes, at);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      open.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (open.length === 0) return at;
      if (open.pop() !== byte) return NOT_PLAIN;
    } else if (byte === COMMA && open.length === 0) return at;
    else if (byte === BACKSLASH) return NOT_PLAIN;
    at += 1;
  }
  return NOT_PLAIN;
}

function behindRoughText(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return NOT_PLAIN;
}
