import type { OutgoingRecord } from '@tributary/kafka';
import type { Segment } from '../src/log/spool/segment.js';
import type { SetAside, SpoolObserver } from '../src/log/spool/spool-observer.port.js';
import { Spool, type SpoolOptions } from '../src/log/spool/spool.js';

/** Remembers what it heard. */
export class HeardSpool implements SpoolObserver {
  readonly takenOver: Segment[] = [];
  readonly aside: SetAside[] = [];
  readonly unread: string[] = [];
  readonly failures: unknown[] = [];
  replayedRecords = 0;

  adopted(segments: readonly Segment[]): void {
    this.takenOver.push(...segments);
  }

  replayed(records: number): void {
    this.replayedRecords += records;
  }

  setAside(what: SetAside): void {
    this.aside.push(what);
  }

  unreadable(folder: string): void {
    this.unread.push(folder);
  }

  diskFailed(error: unknown): void {
    this.failures.push(error);
  }
}

export function openSpool(
  root: string,
  options: Partial<SpoolOptions> = {},
): Promise<{ readonly spool: Spool; readonly heard: HeardSpool }> {
  const heard = new HeardSpool();
  const clock = { now: () => 1_000 };
  return Spool.open({ root, limitBytes: 1_000_000, clock, observer: heard, ...options }).then((spool) => ({
    spool,
    heard,
  }));
}

/** The nth record, of so many bytes. */
export function recordOf(n: number, bytes = 10): OutgoingRecord {
  const headers = { messageId: `message-${n}`, schema: 'event@1' };
  return { topic: 'events.v1', key: `w/user_id:u${n}`, value: Buffer.alloc(bytes, n), headers };
}

/** All records of a spool, in order. */
export async function recordsIn(spool: Spool): Promise<readonly OutgoingRecord[]> {
  const records: OutgoingRecord[] = [];
  for (const segment of await spool.rest()) {
    for (const { frame } of await spool.read(segment)) records.push(...(frame?.records ?? []));
  }
  return records;
}
