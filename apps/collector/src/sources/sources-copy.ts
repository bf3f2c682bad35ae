import { guardOf, SourceMessage } from '@tributary/contracts';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type from 'typebox';

/** Bears write keys: for nobody but the owner. */
const MODE = 0o600;

const Content = Type.Object({ format: Type.Literal(1), sources: Type.Array(SourceMessage) });
const isContent = guardOf(Content);

/** The sources as they were known last, in a file: a collector that starts while Kafka is away begins with them. */
export class SourcesCopy {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'collector', 'sources.json');
  }

  /** Undefined where there is none. Throws where there is one that cannot be read. */
  async read(): Promise<readonly SourceMessage[] | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const content: unknown = JSON.parse(text);
    if (!isContent(content)) throw new Error(`${this.#path} is no copy of sources in format 1`);
    return content.sources;
  }

  /** Replaces it as a whole; a crash leaves the one before. One write after the other. */
  async write(sources: readonly SourceMessage[]): Promise<void> {
    const written = this.#writing.then(() => this.#replace(sources));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #replace(sources: readonly SourceMessage[]): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    // Other workers of the collector write the same file.
    const draft = `${this.#path}.${randomUUID()}`;
    try {
      const file = await open(draft, 'wx', MODE);
      try {
        await file.writeFile(JSON.stringify({ format: 1, sources }));
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
