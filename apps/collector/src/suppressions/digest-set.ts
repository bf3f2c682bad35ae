/** Of a digest of 128 bits, as 32-bit words. */
const WORDS = 4;
const FEWEST = 1_024;

/**
 * A set of digests of 32 hexadecimal digits, 16 bytes each in a table that is between a quarter and a half full: 32 to 64 bytes a
 * digest, and while the table grows half as much again. A digest is its own hash. One whose words are all 0 is not held.
 */
export class DigestSet {
  #words = new Uint32Array(FEWEST * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What the table takes. */
  get bytes(): number {
    return this.#words.byteLength;
  }

  has(digest: string): boolean {
    return !this.#isFree(this.#placeOf(wordsOf(digest)));
  }

  add(digest: string): void {
    if (2 * (this.#size + 1) > this.#capacity) this.#resize(2 * this.#capacity);
    this.#insert(wordsOf(digest));
  }

  delete(digest: string): boolean {
    let hole = this.#placeOf(wordsOf(digest));
    if (this.#isFree(hole)) return false;
    this.#size -= 1;
    // Whoever was pushed past the hole moves into it, so that no search ends there too early.
    for (let place = this.#next(hole); !this.#isFree(place); place = this.#next(place)) {
      const home = this.#homeOf(this.#at(place));
      if (distance(home, hole, this.#capacity) >= distance(home, place, this.#capacity)) continue;
      this.#words.copyWithin(hole * WORDS, place * WORDS, (place + 1) * WORDS);
      hole = place;
    }
    this.#words.fill(0, hole * WORDS, (hole + 1) * WORDS);
    if (this.#capacity > FEWEST && 8 * this.#size < this.#capacity) this.#resize(this.#capacity / 2);
    return true;
  }

  /** All of them, 16 bytes each. */
  toBuffer(): Buffer {
    const buffer = Buffer.alloc(this.#size * WORDS * 4);
    let at = 0;
    for (let place = 0; place < this.#capacity; place += 1) {
      if (this.#isFree(place)) continue;
      for (const word of this.#at(place)) at = buffer.writeUInt32BE(word, at);
    }
    return buffer;
  }

  static from(buffer: Buffer): DigestSet {
    const set = new DigestSet();
    for (let at = 0; at + WORDS * 4 <= buffer.length; at += WORDS * 4)
      set.add(buffer.toString('hex', at, at + WORDS * 4));
    return set;
  }

  get #capacity(): number {
    return this.#words.length / WORDS;
  }

  #insert(words: Uint32Array): void {
    const place = this.#placeOf(words);
    if (!this.#isFree(place) || words.every((word) => word === 0)) return;
    this.#words.set(words, place * WORDS);
    this.#size += 1;
  }

  #resize(capacity: number): void {
    const before = this.#words;
    this.#words = new Uint32Array(capacity * WORDS);
    this.#size = 0;
    for (let at = 0; at < before.length; at += WORDS) this.#insert(before.subarray(at, at + WORDS));
  }

  /** Where it is, or else would be. */
  #placeOf(words: Uint32Array): number {
    let place = this.#homeOf(words);
    while (!this.#isFree(place) && !isSame(this.#at(place), words)) place = this.#next(place);
    return place;
  }

  #homeOf(words: Uint32Array): number {
    return (words[0] ?? 0) & (this.#capacity - 1);
  }

  #next(place: number): number {
    return (place + 1) & (this.#capacity - 1);
  }

  #at(place: number): Uint32Array {
    return this.#words.subarray(place * WORDS, (place + 1) * WORDS);
  }

  #isFree(place: number): boolean {
    return this.#at(place).every((word) => word === 0);
  }
}

function distance(from: number, to: number, capacity: number): number {
  return (to - from + capacity) & (capacity - 1);
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

function wordsOf(digest: string): Uint32Array {
  const words = new Uint32Array(WORDS);
  for (let i = 0; i < WORDS; i += 1) words[i] = parseInt(digest.slice(8 * i, 8 * i + 8), 16);
  return words;
}
