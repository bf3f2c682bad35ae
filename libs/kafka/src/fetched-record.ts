import type { LogRecord } from './records.js';

const NO_TRANSACTION = { producerId: '-1', inTransaction: false };

/** A record in the bytes that were fetched: key, value and headers are made of them when they are first asked for. */
export class FetchedRecord implements LogRecord {
  /** Told once the batch's place is known. */
  topic = '';
  partition = -1;
  readonly offset: number;
  readonly timestamp: number;
  /** kafkajs asks it: the broker's own records are left to it. */
  readonly isControlRecord = false;
  readonly #bytes: Buffer;
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #valueLength: number;
  #key: string | undefined;
  #value: Buffer | null | undefined;
  #headers: Readonly<Record<string, string>> | undefined;

  /** Of the record whose body begins at the cursor. */
  constructor(cursor: Cursor, firstOffset: number, timeOf: (delta: number) => number) {
    cursor.at += 1;
    this.#bytes = cursor.bytes;
    this.timestamp = timeOf(cursor.varLong());
    this.offset = firstOffset + cursor.varInt();
    this.#keyLength = cursor.varInt();
    this.#keyAt = cursor.at;
    cursor.at += Math.max(0, this.#keyLength);
    this.#valueLength = cursor.varInt();
  }

  /** kafkajs asks it where the partition has aborted transactions: this record is of none. */
  get batchContext() {
    return NO_TRANSACTION;
  }

  get key(): string {
    return (this.#key ??= this.#bytes.toString(
      'utf8',
      this.#keyAt,
      this.#keyAt + Math.max(0, this.#keyLength),
    ));
  }

  get value(): Buffer | null {
    if (this.#value === undefined) {
      const at = this.#valueCursor().at;
      this.#value = this.#valueLength < 0 ? null : this.#bytes.subarray(at, at + this.#valueLength);
    }
    return this.#value;
  }

  /** Of a name that comes twice, the last. */
  get headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= this.#readHeaders());
  }

  #readHeaders(): Readonly<Record<string, string>> {
    const cursor = this.#valueCursor();
    cursor.at += Math.max(0, this.#valueLength);
    const headers: Record<string, string> = {};
    for (let left = cursor.varInt(); left > 0; left -= 1) {
      const name = cursor.text();
      const value = cursor.text();
      // An assignment to this name would set the prototype.
      if (name === '__proto__') {
        Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
      } else headers[name] = value;
    }
    return headers;
  }

  #valueCursor(): Cursor {
    const cursor = new Cursor(this.#bytes, this.#keyAt + Math.max(0, this.#keyLength));
    cursor.varInt();
    return cursor;
  }
}

/** Reads the numbers and texts of Kafka's record format, one after the other. */
export class Cursor {
  constructor(
    readonly bytes: Buffer,
    public at: number,
  ) {}

  varInt(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = this.#next();
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** Exact up to 2^52. */
  varLong(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let factor = 0x80; byte > 0x7f; factor *= 0x80) {
      byte = this.#next();
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.varInt();
    const start = this.at;
    this.at += Math.max(0, length);
    return this.bytes.toString('utf8', start, this.at);
  }

  #next(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined)
      throw new RangeError(`a record ends at byte ${this.at} in the middle of a number`);
    this.at += 1;
    return byte;
  }
}
