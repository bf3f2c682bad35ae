import { guardOf } from '@tributary/contracts';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type, { type Static, type TSchema } from 'typebox';

/** May carry write keys: for nobody but the owner. */
const MODE = 0o600;

/** Definitions as they were known last, in a file: a collector that starts while Kafka is away begins with them. */
export class ControlCopy<S extends TSchema> {
  readonly #path: string;
  readonly #isContent: (content: unknown) => boolean;
  #writing: Promise<void> = Promise.resolve();

  /** The name is that of the file, and of the definitions in it. */
  constructor(
    dataDir: string,
    private readonly name: string,
    schema: S,
  ) {
    this.#path = join(dataDir, 'collector', `${name}.json`);
    this.#isContent = guardOf(Type.Object({ format: Type.Literal(1), [name]: Type.Array(schema) }));
  }

  /** Undefined where there is none. Throws where there is one that cannot be read. */
  async read(): Promise<readonly Static<S>[] | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const content: unknown = JSON.parse(text);
    if (!this.#isContent(content)) throw new Error(`${this.#path} is no copy of ${this.name} in format 1`);
    return (content as Record<string, readonly Static<S>[]>)[this.name];
  }

  /** Replaces it as a whole; a crash leaves the one before. One write after the other. */
  async write(definitions: readonly Static<S>[]): Promise<void> {
    const written = this.#writing.then(() => this.#replace(definitions));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #replace(definitions: readonly Static<S>[]): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    // Other workers of the collector write the same file.
    const draft = `${this.#path}.${randomUUID()}`;
    try {
      const file = await open(draft, 'wx', MODE);
      try {
        await file.writeFile(JSON.stringify({ format: 1, [this.name]: definitions }));
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
