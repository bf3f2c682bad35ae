import {
  CallSlicer,
  CallSlices,
  sliceRequest,
  type BatchContext,
  type CallType,
  type WrittenEvent,
} from '@tributary/events';
import { isUtf8 } from 'node:buffer';
import { REQUEST_LIMITS } from '../limits.js';
import type { Payload } from './payload.js';
import type { RequestFacts } from './request.js';
import { UnreadableCall } from './unreadable.js';

/** The calls of a request, to be validated one by one, and what they have in common. */
export interface Calls {
  readonly count: number;
  readonly sentAt?: number | undefined;
  readonly batchContext?: BatchContext | undefined;
  /** The event of a call whose bytes can go over as they are; undefined for one that has to be read. */
  written(index: number): WrittenEvent | undefined;
  /** The call as parsed. */
  value(index: number): unknown;
  /** Why the call cannot be read at all. */
  unreadable(index: number): UnreadableCall | undefined;
  /** The bytes of the call. */
  raw(index: number): Buffer;
}

// Requests are validated in one go: at the next one's turn nobody looks at the places of the last one any more.
const slices = new CallSlices();

/** The calls of a body that need not be parsed; undefined where it has to be. */
export function slicedCalls(facts: RequestFacts, type: CallType | undefined): Calls | undefined {
  const { body, source, receivedAt, sequence, clockToleranceMs, normaliserOf, ip, userAgent } = facts;
  if (source.plan || source.identifierKeys || source.deduplicateBy || !isUtf8(body)) return undefined;
  const request = sliceRequest(body, type === undefined, slices);
  if (!request || slices.count > REQUEST_LIMITS.calls) return undefined;
  const { workspaceId, sourceId } = source;
  const head = JSON.stringify({ workspaceId, sourceId }).slice(0, -1);
  const slicer = new CallSlicer(body, slices, {
    head,
    receivedAt,
    sequence,
    clockToleranceMs,
    normaliserOf,
    ...request,
    type,
    ip,
    userAgent,
  });
  const raw = (index: number) =>
    type === undefined ? body.subarray(slices.start(index), slices.end(index)) : body;
  return {
    ...request,
    count: slices.count,
    written: (index) => slicer.slice(index),
    unreadable: () => undefined,
    value: (index) => {
      const call = JSON.parse(raw(index).toString('utf8')) as object;
      return type === undefined ? call : Object.assign(call, { type });
    },
    raw,
  };
}

export function parsedCalls({ calls, sentAt, batchContext }: Payload, body: Buffer): Calls {
  return {
    count: calls.length,
    sentAt,
    batchContext,
    written: () => undefined,
    unreadable: (index) => unreadableIn(calls[index]),
    value: (index) => calls[index],
    raw: (index) =>
      unreadableIn(calls[index])?.bytes ?? (calls.length === 1 ? body : rewritten(calls[index], body)),
  };
}

function unreadableIn(call: unknown): UnreadableCall | undefined {
  return call instanceof UnreadableCall ? call : undefined;
}

/**
 * A call of a batch has no bytes of its own once the batch is parsed, so it is written again, unless that is impossible
 * (nested too deep) or longer than the whole body (`1E9` becomes 1000000000): then the whole body stands for it, and a
 * record never outgrows what Kafka takes.
 */
function rewritten(call: unknown, body: Buffer): Buffer {
  try {
    const raw = Buffer.from(JSON.stringify(call));
    return raw.length <= body.length ? raw : body;
  } catch (error) {
    if (error instanceof RangeError) return body;
    throw error;
  }
}
