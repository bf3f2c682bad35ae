import type { OutgoingRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFrame } from './frame.js';
import { HEADER_BYTES, newSegmentName, segmentHeader, type Segment } from './segment.js';
import { syncFolder } from './spool-folder.js';

/** What became of a request's records: on disk, no room for them, or the disk failed. */
export type Kept = 'kept' | 'full' | 'failed';

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  readonly resolve: (kept: Kept) => void;
}

interface Active {
  readonly file: string;
  readonly marker: Buffer;
  readonly handle: FileHandle;
  bytes: number;
  records: number;
  since: number | undefined;
}

interface Group {
  readonly at: number;
  readonly frames: readonly Buffer[];
  readonly waiting: readonly Waiting[];
  readonly bytes: number;
  readonly records: number;
}

export interface SegmentWriterOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** A segment that holds so much is followed by another. */
  readonly segmentBytes: number;
  /** How many bytes may still be written. */
  readonly room: () => number;
  /** A segment is complete. */
  readonly onSealed: (segment: Segment) => void;
  readonly onFailure: (error: unknown) => void;
}

const GROUP_BYTES = 4_194_304;

/**
 * Appends requests to segments. Those that come while a write is under way share the next one and its fsync, in the order
 * in which they came.
 */
export class SegmentWriter {
  #waiting: Waiting[] = [];
  #unsettled = 0;
  #active: Active | undefined;
  #count = 0;
  /** One write, or one change of segment, at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SegmentWriterOptions) {}

  /** The segment that is being written, as far as it is on disk. */
  get active(): Pick<Segment, 'bytes' | 'records' | 'since'> | undefined {
    return this.#active;
  }

  /** Whether anybody waits for an answer. */
  get isBusy(): boolean {
    return this.#unsettled > 0;
  }

  append(records: readonly OutgoingRecord[]): Promise<Kept> {
    this.#unsettled += 1;
    return new Promise((resolve) => {
      this.#waiting.push({
        records,
        resolve: (kept) => {
          this.#unsettled -= 1;
          resolve(kept);
        },
      });
      if (this.#waiting.length === 1) this.#next();
    });
  }

  /** Ends the segment that is being written, if there is one: what was on disk before is in a complete one then. */
  seal(): Promise<void> {
    return this.#inTurn(() => this.#seal());
  }

  /** Resolves when everybody who came before is answered, and the segment is complete. */
  async drain(): Promise<void> {
    while (this.isBusy) await this.#inTurn(() => Promise.resolve());
    await this.seal();
  }

  #next(): void {
    void this.#inTurn(async () => {
      await this.#commit();
      if (this.#waiting.length > 0) this.#next();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** 1. The bytes. 2. Their fsync. 3. The answers: a crash before them leaves a frame that was never acknowledged. */
  async #commit(): Promise<void> {
    if (this.#waiting.length === 0) return;
    let group: readonly Waiting[] = this.#waiting;
    try {
      const active = await this.#opened();
      const taken = this.#take(active);
      group = taken.waiting;
      if (group.length === 0) return;
      await active.handle.appendFile(Buffer.concat(taken.frames));
      await active.handle.datasync();
      active.bytes += taken.bytes;
      active.records += taken.records;
      active.since ??= taken.at;
      for (const { resolve } of group) resolve('kept');
    } catch (error) {
      this.options.onFailure(error);
      const answered = new Set(group);
      this.#waiting = this.#waiting.filter((waiting) => !answered.has(waiting));
      for (const { resolve } of group) resolve('failed');
      await this.#abandon();
    }
  }

  /** Takes the next batch of waiting records. Rejects the ones that do not fit. */
  #take({ marker }: Active): Group {
    const at = this.options.clock.now();
    const room = this.options.room();
    const frames: Buffer[] = [];
    const waiting: Waiting[] = [];
    let bytes = 0;
    let records = 0;
    let seen = 0;
    for (const one of this.#waiting) {
      if (bytes >= GROUP_BYTES) break;
      seen += 1;
      const frame = encodeFrame(marker, { at, records: one.records });
      if (bytes + frame.length > room) {
        one.resolve('full');
        continue;
      }
      bytes += frame.length;
      records += one.records.length;
      frames.push(frame);
      waiting.push(one);
    }
    this.#waiting = this.#waiting.slice(seen);
    return { at, frames, waiting, bytes, records };
  }

  async #opened(): Promise<Active> {
    if (this.#active && this.#active.bytes >= this.options.segmentBytes) await this.#seal();
    if (this.#active) return this.#active;
    this.#count += 1;
    const { name, marker } = newSegmentName(this.#count);
    const file = join(this.options.folder, name);
    const handle = await open(file, 'ax');
    this.#active = { file, marker, handle, bytes: HEADER_BYTES, records: 0, since: undefined };
    await handle.appendFile(segmentHeader());
    await syncFolder(this.options.folder);
    return this.#active;
  }

  async #seal(): Promise<void> {
    const active = this.#active;
    if (!active) return;
    this.#active = undefined;
    const { file, bytes, records, since } = active;
    // At once: at no moment is it neither the active one nor a complete one.
    if (records > 0) this.options.onSealed({ file, bytes, records, since });
    await active.handle.close();
    if (records === 0) await unlink(file);
  }

  /** After a failed write nobody knows what is behind the last fsync: a segment is not written any further. */
  async #abandon(): Promise<void> {
    const active = this.#active;
    if (!active) return;
    await active.handle.truncate(active.bytes).catch(() => undefined);
    await this.#seal().catch((error: unknown) => {
      this.options.onFailure(error);
    });
  }
}
