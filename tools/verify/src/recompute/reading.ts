import { on } from 'node:events';
import type { Range } from '../log/log.port.js';
import { startThread } from '../thread.js';
import type { LogEntry, WantedAggregate } from './event-reader.js';

/** What the thread is given. */
export interface ReadingOrder {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Of the event log, by partition. */
  readonly ranges: ReadonlyMap<number, Range>;
  /** Absent: the headers alone are read. */
  readonly wanted?: readonly WantedAggregate[];
}

/** So many batches are under way before the thread waits for one to be taken. */
export const MOST_UNDER_WAY = 4;

/** Reads the event log in a thread of its own, which is where most of the work is: taking the records' JSON apart. */
export async function readInThread(order: ReadingOrder, take: (entry: LogEntry) => void): Promise<void> {
  const thread = startThread('recompute/reading.thread.js', order);
  try {
    for await (const [text] of on(thread, 'message') as AsyncIterable<[string]>) {
      if (text === '') return;
      thread.postMessage('next');
      for (const entry of JSON.parse(text) as readonly LogEntry[]) take(entry);
    }
  } finally {
    await thread.terminate();
  }
}
