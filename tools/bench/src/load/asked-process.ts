import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that is asked one thing after another, and answers each. It ends with this one. */
export class AskedProcess<Q extends object, A extends object> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  /** `name`: in errors; `main`: the URL of its program. */
  constructor(name: string, main: URL) {
    this.#name = name;
    this.#child = fork(fileURLToPath(main), {
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]: (string | number | null)[]) => {
      throw new Error(`${name} ended with ${code ?? signal ?? 'nothing'} before it had answered`);
    });
    // Whoever waits for an answer gets the error; when nobody does, we ended it ourselves.
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} could not be started`);
    return this.#child.pid;
  }

  /** @throws Error when it ends before it has answered */
  async ask(question: Q): Promise<A> {
    const answered = once(this.#child, 'message') as Promise<[A]>;
    this.#child.send(question);
    const [answer] = await Promise.race([answered, this.#ended]);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
