import { LIMITS } from '../event.js';
import { parseInstant } from '../timestamps.js';
import type { CallSlices } from './call-slices.js';
import { plainText } from './plain-text.js';
import { behindKey, behindSpace, behindValue, closeOfKey, NOT_PLAIN, toNext } from './scan-json.js';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What the calls of a request have in common. */
export interface RequestSlices {
  /** In milliseconds since 1970. */
  readonly sentAt?: number;
}

/**
 * Notes where the calls of a request are, all of it being JSON: of a batch (`isBatch`), or the one call that it is.
 * Undefined where it is not plain, or has a context for all of its calls: it is to be parsed then.
 */
export function sliceRequest(bytes: Buffer, isBatch: boolean, slices: CallSlices): RequestSlices | undefined {
  slices.clear();
  const from = behindSpace(bytes, 0);
  if (bytes[from] !== OPEN_BRACE) return undefined;
  if (isBatch) return sliceBatch(bytes, from, slices);
  const end = slices.add(bytes, from);
  return isWhole(bytes, end) ? {} : undefined;
}

function isWhole(bytes: Buffer, end: number): boolean {
  return end !== NOT_PLAIN && behindSpace(bytes, end) === bytes.length;
}

function sliceBatch(bytes: Buffer, from: number, slices: CallSlices): RequestSlices | undefined {
  let sentAt: number | undefined;
  let hasSentAt = false;
  let hasBatch = false;
  let at = behindSpace(bytes, from + 1);
  for (;;) {
    const value = behindKey(bytes, at);
    if (value === NOT_PLAIN) return undefined;
    const key = bytes.toString('latin1', at + 1, closeOfKey(bytes, at));
    if (key === 'context' || (key === 'batch' && hasBatch) || (key === 'sentAt' && hasSentAt))
      return undefined;
    if (key === 'batch') {
      hasBatch = true;
      at = slices.addAll(bytes, value);
    } else at = behindValue(bytes, value, LIMITS.depth);
    if (at === NOT_PLAIN) return undefined;
    if (key === 'sentAt') {
      hasSentAt = true;
      const text = plainText(bytes, value, at);
      if (text === undefined) return undefined;
      sentAt = parseInstant(text);
    }
    at = toNext(bytes, at, CLOSE_BRACE);
    if (at <= 0) break;
  }
  if (!hasBatch || slices.count === 0 || !isWhole(bytes, -at - 1)) return undefined;
  return sentAt === undefined ? {} : { sentAt };
}
