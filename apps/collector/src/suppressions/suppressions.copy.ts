import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DigestSet } from './digest-set.js';

const HEAD = Buffer.from('tributary-suppressions-1\n');

/** The digests as they were known last, in a file: a collector that starts while Kafka is away begins with them. */
export class SuppressionsCopy {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();
  #next: DigestSet | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'collector', 'suppressions');
  }

  /** Undefined where there is none. Throws where there is one that cannot be read. */
  async read(): Promise<DigestSet | undefined> {
    const bytes = await readFile(this.#path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (!bytes) return undefined;
    if (!bytes.subarray(0, HEAD.length).equals(HEAD)) throw new Error(`${this.#path} is no copy in format 1`);
    return DigestSet.from(bytes.subarray(HEAD.length));
  }

  /** Replaces it as a whole, as the set is when its turn comes: of many changes at once one is written. */
  async write(set: DigestSet): Promise<void> {
    if (!this.#next) this.#writing = this.#writing.catch(() => undefined).then(() => this.#replace());
    this.#next = set;
    return this.#writing;
  }

  async #replace(): Promise<void> {
    const content = this.#next?.toBuffer() ?? Buffer.alloc(0);
    this.#next = undefined;
    await mkdir(dirname(this.#path), { recursive: true });
    // Other workers of the collector write the same file.
    const draft = `${this.#path}.${randomUUID()}`;
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(Buffer.concat([HEAD, content]));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.#path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}
