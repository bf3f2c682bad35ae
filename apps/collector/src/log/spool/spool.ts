import type { OutgoingRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Piece } from './frame.js';
import { piecesOf, type Segment } from './segment.js';
import { SegmentWriter, type Kept } from './segment-writer.js';
import { SpoolFolderError } from './spool.errors.js';
import { removeFile, SpoolFolder, syncFolder } from './spool-folder.js';
import type { SpoolObserver } from './spool-observer.port.js';

export interface SpoolOptions {
  /** Shared by all collectors of a machine; each has a folder of its own in it. */
  readonly root: string;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly observer: SpoolObserver;
  /** 8 MiB unless given: what a crash in the middle of a replay repeats at most. */
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 8_388_608;
const SET_ASIDE = 'set-aside';

/**
 * Records on disk that are still to be written to Kafka, in the order in which they came. `append` answers when they are
 * fsynced. One spool a process; folders of processes that are gone are taken over, each by one.
 */
export class Spool {
  readonly #writer: SegmentWriter;
  /** Complete segments, oldest first. */
  readonly #segments: Segment[] = [];
  readonly #adopted: SpoolFolder[] = [];
  /** Of which the observer has heard: a replay that is tried again meets them again. */
  readonly #kept = new Set<string>();
  #closed = false;

  private constructor(
    private readonly options: SpoolOptions,
    private readonly own: SpoolFolder,
  ) {
    this.#writer = new SegmentWriter({
      folder: own.path,
      clock: options.clock,
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      room: () => options.limitBytes - this.bytes,
      onSealed: (segment) => {
        this.#segments.push(segment);
      },
      onFailure: (error) => {
        options.observer.diskFailed(error);
      },
    });
  }

  /**
   * Makes a folder for this process, and takes over those whose process is gone.
   *
   * @throws SpoolFolderError
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    try {
      await mkdir(join(options.root, SET_ASIDE), { recursive: true });
      const spool = new Spool(options, await SpoolFolder.make(options.root));
      await spool.adopt();
      return spool;
    } catch (cause) {
      throw new SpoolFolderError(options.root, { cause });
    }
  }

  /** Nothing is on disk, and nobody waits for it to be. */
  get isEmpty(): boolean {
    return this.#segments.length === 0 && !this.#writer.isBusy && (this.#writer.active?.records ?? 0) === 0;
  }

  get bytes(): number {
    return sum(this.#segments.map(({ bytes }) => bytes)) + (this.#writer.active?.bytes ?? 0);
  }

  get records(): number {
    return sum(this.#segments.map(({ records }) => records)) + (this.#writer.active?.records ?? 0);
  }

  /** When the oldest record was kept, in milliseconds since 1970. */
  get since(): number | undefined {
    return this.#segments.find(({ since }) => since !== undefined)?.since ?? this.#writer.active?.since;
  }

  append(records: readonly OutgoingRecord[]): Promise<Kept> {
    return this.#writer.append(records);
  }

  /** The oldest complete segment; the one that is being written is completed where there is no other. */
  async oldest(): Promise<Segment | undefined> {
    if (this.#segments.length === 0) await this.#writer.seal();
    return this.#segments[0];
  }

  /** All that is left, once everybody who waits is answered. */
  async rest(): Promise<readonly Segment[]> {
    await this.#writer.drain();
    return [...this.#segments];
  }

  /** The pieces of a segment. One that cannot be read is moved aside, and has none. */
  async read({ file }: Segment): Promise<readonly Piece[]> {
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      const kept = join(this.#setAside, `${basename(dirname(file))}-${basename(file)}`);
      await rename(file, kept);
      this.options.observer.setAside({ file, kept, reason: 'unreadable', error });
      return [];
    }
    const pieces = [...piecesOf(file, bytes)];
    for (const { frame, start, end } of pieces) {
      const reason = end === bytes.length ? 'torn' : 'damaged';
      if (!frame) await this.#keep(file, { start, end, reason, bytes: bytes.subarray(start, end) });
    }
    return pieces;
  }

  /** Keeps a frame that Kafka will never take where somebody may look at it. */
  async setAside({ file }: Segment, { start, end }: Piece, error: unknown): Promise<void> {
    const bytes = (await readFile(file)).subarray(start, end);
    await this.#keep(file, { start, end, reason: 'refused', bytes, error });
  }

  /** All of the segment is in Kafka, or set aside. */
  async remove(segment: Segment): Promise<void> {
    // Its folder may be another's by now; a duplicate does no harm.
    if (this.#closed) return;
    await removeFile(segment.file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.options.observer.replayed(segment.records);
    const folder = this.#adopted.find(({ path }) => path === dirname(segment.file));
    if (folder && !this.#segments.some(({ file }) => dirname(file) === folder.path)) {
      this.#adopted.splice(this.#adopted.indexOf(folder), 1);
      await folder.release();
    }
  }

  /** Takes over the folders whose process is gone; what is in them comes before all else. */
  async adopt(): Promise<void> {
    const found: Segment[] = [];
    for (const folder of await SpoolFolder.adopt(this.options.root)) {
      try {
        const segments = await folder.segments();
        if (segments.length === 0) await folder.release();
        else this.#adopted.push(folder);
        found.push(...segments);
      } catch (error) {
        this.options.observer.unreadable(folder.path, error);
        await folder.release();
      }
    }
    if (found.length === 0) return;
    this.#segments.unshift(...found);
    this.options.observer.adopted(found);
  }

  /** Answers everybody who waits, and lets all folders go. What is in them waits for the next process. */
  async close(): Promise<void> {
    await this.#writer.drain();
    this.#closed = true;
    for (const folder of [...this.#adopted, this.own]) await folder.release();
  }

  get #setAside(): string {
    return join(this.options.root, SET_ASIDE);
  }

  async #keep(
    file: string,
    {
      start,
      end,
      bytes,
      ...why
    }: {
      readonly start: number;
      readonly end: number;
      readonly reason: 'torn' | 'damaged' | 'refused';
      readonly bytes: Buffer;
      readonly error?: unknown;
    },
  ): Promise<void> {
    const kept = join(this.#setAside, `${basename(dirname(file))}-${basename(file)}.${start}-${end}`);
    const handle = await open(kept, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await syncFolder(this.#setAside);
    if (this.#kept.has(kept)) return;
    this.#kept.add(kept);
    this.options.observer.setAside({ file, kept, ...why });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
