import { AskedProcess } from '../load/asked-process.js';
import type { Reads, ReadsAnswer, ReadsOptions } from './reads.js';

/** A process that reads profiles, at one rate after another. It ends with this one. */
export class ReaderProcess extends AskedProcess<ReadsOptions, ReadsAnswer> {
  constructor() {
    super('the reader', new URL('reader.main.js', import.meta.url));
  }

  /** @throws Error when nothing can be read */
  async read(options: ReadsOptions): Promise<Reads> {
    const answer = await this.ask(options);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.reads;
  }
}
