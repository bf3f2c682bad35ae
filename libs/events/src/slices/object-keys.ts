const DOT = 0x2e;
/** An object with more keys than that is read in full: each key is compared with all before it. */
const MOST_OF_ONE = 64;
/** Keys of all objects around a value. */
const MOST = 4_096;

const starts = new Int32Array(MOST);
const lengths = new Int32Array(MOST);
/** Length and outer characters: keys that differ mostly differ in it. */
const marks = new Int32Array(MOST);
const dotted = new Uint8Array(MOST);

/**
 * Notes the key between these quotes as the one at `end` of those of its object, which begin at `first`. Answers
 * whether it is none of them: where a name comes twice, readers of the bytes would not agree on which value counts.
 */
export function isNewKey(bytes: Buffer, open: number, close: number, first: number, end: number): boolean {
  if (end >= MOST || end - first >= MOST_OF_ONE) return false;
  const length = close - open - 1;
  const mark = (length << 16) | ((bytes[open + 1] ?? 0) << 8) | (bytes[close - 1] ?? 0);
  starts[end] = open + 1;
  lengths[end] = length;
  marks[end] = mark;
  for (let i = first; i < end; i += 1)
    if (marks[i] === mark && isSame(bytes, i, open + 1, length)) return false;
  dotted[end] = hasDot(bytes, open + 1, close) ? 1 : 0;
  return true;
}

/** Whether no name with dots may lead to where nested objects lead, among the keys of one object. */
export function areApart(bytes: Buffer, first: number, end: number): boolean {
  for (let i = first; i < end; i += 1) {
    if (dotted[i] !== 1) continue;
    for (let j = first; j < end; j += 1) if (isBeginning(bytes, j, i)) return false;
  }
  return true;
}

/** Whether one key, and a dot behind it, begins the other. */
function isBeginning(bytes: Buffer, one: number, other: number): boolean {
  const length = lengths[one] ?? 0;
  const start = starts[other] ?? 0;
  if (length >= (lengths[other] ?? 0) || bytes[start + length] !== DOT) return false;
  return isSame(bytes, one, start, length);
}

function isSame(bytes: Buffer, one: number, start: number, length: number): boolean {
  const from = starts[one] ?? 0;
  for (let i = 0; i < length; i += 1) if (bytes[from + i] !== bytes[start + i]) return false;
  return true;
}

function hasDot(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (bytes[at] === DOT) return true;
  return false;
}
