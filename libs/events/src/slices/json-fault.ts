import { isUtf8 } from 'node:buffer';
import { behindSpace } from './scan-json.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

const SHOWN = 20;
const PATH_LENGTH = 200;
const ESCAPE = /^\\(["\\/bfnrt]|u[\da-fA-F]{4})/;
const VALUE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** A parser would have read anything that is well-formed; what is nested deeper is no call in any case. */
const DEPTH = 1_000;

/** Where bytes stop being JSON, and why. */
export interface JsonFault {
  readonly code: 'malformed_json' | 'invalid_utf8';
  /** In bytes. */
  readonly offset: number;
  /** The value in which it is, such as `batch[3].properties.v`; empty: the whole. */
  readonly path: string;
  readonly message: string;
}

/** An object or array that is open: its key or index so far. */
interface Frame {
  readonly close: number;
  name: string | number;
}

/** What may come next: a value, or `]`; a key, or `}`; a comma or the end of what is open. */
type Expected = 'value' | 'item' | 'key' | 'member' | 'next';

/**
 * Finds where the bytes stop being JSON in UTF-8; undefined where they are. It reads each byte once, whatever the
 * nesting. For bytes that a parser has refused: it is slower than one.
 */
export function jsonFault(bytes: Buffer): JsonFault | undefined {
  return new FaultScan(bytes).fault();
}

class FaultScan {
  readonly #frames: Frame[] = [];
  readonly #notUtf8: number;
  #at = 0;
  #expected: Expected = 'value';

  constructor(private readonly bytes: Buffer) {
    this.#notUtf8 = isUtf8(bytes) ? Infinity : endOfUtf8(bytes);
  }

  fault(): JsonFault | undefined {
    for (;;) {
      this.#at = behindSpace(this.bytes, this.#at);
      if (this.#at >= this.bytes.length) return this.#atEnd();
      const fault = this.#step(this.bytes[this.#at] ?? 0);
      if (fault) return fault;
    }
  }

  #atEnd(): JsonFault | undefined {
    if (this.#expected === 'next' && this.#frames.length === 0) return undefined;
    return this.#found(this.bytes.length, this.bytes.length === 0 ? 'there is nothing' : 'it ends too early');
  }

  #step(byte: number): JsonFault | undefined {
    const frame = this.#frames.at(-1);
    if (this.#expected === 'next') return this.#next(byte, frame);
    if (byte === frame?.close && (this.#expected === 'item' || this.#expected === 'member')) {
      return this.#close();
    }
    if (this.#expected === 'key' || this.#expected === 'member') return this.#key(byte, frame);
    if (byte === QUOTE) {
      const fault = this.#text();
      this.#expected = 'next';
      return fault;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte);
    return this.#word();
  }

  #next(byte: number, frame: Frame | undefined): JsonFault | undefined {
    if (!frame) return this.#found(this.#at, `expected nothing more, found ${this.#shown()}`);
    if (byte === frame.close) return this.#close();
    if (byte !== COMMA) {
      const close = String.fromCharCode(frame.close);
      return this.#found(this.#at, `expected , or ${close}, found ${this.#shown()}`);
    }
    this.#at += 1;
    this.#expected = typeof frame.name === 'number' ? 'value' : 'key';
    if (typeof frame.name === 'number') frame.name += 1;
    return undefined;
  }

  #key(byte: number, frame: Frame | undefined): JsonFault | undefined {
    if (byte !== QUOTE) {
      return this.#found(this.#at, `expected a key in double quotes, found ${this.#shown()}`);
    }
    const from = this.#at + 1;
    const fault = this.#text();
    if (fault) return fault;
    if (frame) frame.name = this.bytes.toString('utf8', from, this.#at - 1);
    this.#at = behindSpace(this.bytes, this.#at);
    if (this.bytes[this.#at] !== COLON) return this.#found(this.#at, `expected :, found ${this.#shown()}`);
    this.#at += 1;
    this.#expected = 'value';
    return undefined;
  }

  #open(byte: number): JsonFault | undefined {
    if (this.#frames.length === DEPTH) return this.#found(this.#at, `nested deeper than ${DEPTH} levels`);
    const isObject = byte === OPEN_BRACE;
    this.#frames.push({ close: isObject ? CLOSE_BRACE : CLOSE_BRACKET, name: isObject ? '' : 0 });
    this.#at += 1;
    this.#expected = isObject ? 'member' : 'item';
    return undefined;
  }

  #close(): JsonFault | undefined {
    this.#frames.pop();
    this.#at += 1;
    this.#expected = 'next';
    return undefined;
  }

  /** Goes behind the text that begins here. */
  #text(): JsonFault | undefined {
    for (let at = this.#at + 1; at < this.bytes.length; at += 1) {
      const byte = this.bytes[at] ?? 0;
      if (at === this.#notUtf8) return this.#found(at, 'the byte is not UTF-8', 'invalid_utf8');
      if (byte === QUOTE) {
        this.#at = at + 1;
        return undefined;
      }
      if (byte < SPACE) {
        return this.#found(at, `a control character (U+${hex(byte, 4)}) in a text: write it as an escape`);
      }
      if (byte !== BACKSLASH) continue;
      const [escape] = ESCAPE.exec(this.bytes.toString('latin1', at, at + 6)) ?? [];
      if (escape === undefined) {
        const found = this.bytes.toString('latin1', at, at + 2);
        return this.#found(at, `${found} is no escape: a backslash is written \\\\`);
      }
      at += escape.length - 1;
    }
    return this.#found(this.bytes.length, 'a text has no closing quote');
  }

  #word(): JsonFault | undefined {
    const end = this.#wordEnd();
    if (VALUE.test(this.bytes.toString('latin1', this.#at, end))) {
      this.#at = end;
      this.#expected = 'next';
      return undefined;
    }
    if (this.#notUtf8 < end) {
      return this.#found(this.#notUtf8, 'the byte is not UTF-8', 'invalid_utf8');
    }
    return this.#found(this.#at, `expected a value, found ${this.#shown()}`);
  }

  #wordEnd(): number {
    let end = this.#at;
    while (end < this.bytes.length && ENDS_WORD[this.bytes[end] ?? 0] === 0) end += 1;
    return end;
  }

  /** The word or character that is here. */
  #shown(): string {
    const text = this.bytes.toString('utf8', this.#at, Math.min(this.#wordEnd(), this.#at + SHOWN));
    return text === '' ? String.fromCharCode(this.bytes[this.#at] ?? SPACE) : text;
  }

  #found(offset: number, message: string, code: JsonFault['code'] = 'malformed_json'): JsonFault {
    return { code, offset, path: pathOf(this.#frames), message };
  }
}

const ENDS_WORD = new Uint8Array(256);
for (const byte of Buffer.from(' \t\r\n,:{}[]"')) ENDS_WORD[byte] = 1;

function pathOf(frames: readonly Frame[]): string {
  let path = '';
  for (const { name } of frames) {
    if (typeof name === 'number') path += `[${name}]`;
    else if (name !== '') path += path === '' ? name : `.${name}`;
    if (path.length > PATH_LENGTH) return path.slice(0, PATH_LENGTH);
  }
  return path;
}

function hex(byte: number, length: number): string {
  return byte.toString(16).toUpperCase().padStart(length, '0');
}

/** How many of the first bytes are well-formed UTF-8. */
function endOfUtf8(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    if (beginsInUtf8(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // Of a character that is cut off, the first byte is the place.
  while (good > 0 && !isUtf8(bytes.subarray(0, good))) good -= 1;
  return good;
}

/** A character that is not complete yet may become one. */
function beginsInUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
