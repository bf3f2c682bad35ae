import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadOptions, Sent } from './load.js';

const MAIN = fileURLToPath(new URL('load.main.js', import.meta.url));

/** A process that sends loads, one after another. It ends with this one. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor() {
    this.#child = fork(MAIN, { execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'] });
    this.#ended = once(this.#child, 'exit').then(([code, signal]: (string | number | null)[]) => {
      throw new Error(`the load generator ended with ${code ?? signal ?? 'nothing'} before it had answered`);
    });
    // Whoever waits for an answer gets the error; when nobody does, we ended it ourselves.
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the load generator could not be started');
    return this.#child.pid;
  }

  /** @throws Error when a call is refused for good or not answered */
  async send(options: LoadOptions): Promise<Sent> {
    const answered = once(this.#child, 'message') as Promise<[LoadAnswer]>;
    this.#child.send(options);
    const [answer] = await Promise.race([answered, this.#ended]);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
