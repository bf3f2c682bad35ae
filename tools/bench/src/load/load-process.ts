import { AskedProcess } from './asked-process.js';
import type { LoadAnswer, LoadOptions, Sent } from './load.js';

/** A process that sends loads, one after another. It ends with this one. */
export class LoadProcess extends AskedProcess<LoadOptions, LoadAnswer> {
  constructor() {
    super('the load generator', new URL('load.main.js', import.meta.url));
  }

  /** @throws Error when a call is refused for good or not answered */
  async send(options: LoadOptions): Promise<Sent> {
    const answer = await this.ask(options);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.sent;
  }
}
