import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceStartError } from './supervisor.errors.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NODE = join(ROOT, 'node_modules/node/bin/node');
const GRACE_MS = 15_000;

export interface ServiceOptions {
  /** The folder under `apps/`. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  /** Its log is `logs/<name>.log` in here. */
  readonly dataDir: string;
  /** Whether an end that nobody asked for is followed by a new start. */
  readonly restart: boolean;
  readonly say: (line: string) => void;
}

/** A service as a child process that ends with this one: its channel to us closes, whatever ends us. */
export class ServiceProcess {
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #url = '';
  #stopping = false;
  #failures = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Where it answers; of the latest start. */
  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it; resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.#stopping = false;
    const child = this.#spawn();
    const ready = new Promise<string>((resolve) => {
      child.on('message', (message: { readonly type?: string; readonly url?: string }) => {
        if (message.type === 'ready') resolve(message.url ?? '');
      });
    });
    const url = await Promise.race([ready, once(child, 'exit').then(() => undefined)]);
    if (url === undefined) {
      throw new ServiceStartError(this.name, await this.#lastError(), this.#logFile);
    }
    this.#url = url;
    this.#failures = 0;
    child.once('exit', (code, signal) => void this.#ended(code, signal));
  }

  /** Sends a signal to it and nothing else. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves when the present process has ended. */
  async exited(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** Lets it drain; ends it by force after 15 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.kill('SIGTERM');
    const force = setTimeout(() => {
      this.kill('SIGKILL');
    }, GRACE_MS);
    await this.exited();
    clearTimeout(force);
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#logFile, 'a');
    const main = join(ROOT, 'apps', this.name, 'dist/main.js');
    this.#child = spawn(NODE, ['--enable-source-maps', '--disable-warning=ExperimentalWarning', main], {
      env: { ...this.#options.env, NODE_OPTIONS: '' },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    return this.#child;
  }

  get #logFile(): string {
    return join(this.#options.dataDir, 'logs', `${this.name}.log`);
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (this.#stopping || !this.#options.restart) return;
    const why = signal ? `by ${signal}` : `with code ${code ?? 'none'}: ${await this.#lastError()}`;
    this.#options.say(`${this.name} ended ${why}; starting it again`);
    for (;;) {
      const pause = Math.min(200 * 2 ** this.#failures, 10_000);
      this.#failures += 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.#stopping) return;
      try {
        await this.start();
        return;
      } catch (error) {
        this.#options.say((error as Error).message);
      }
    }
  }

  async #lastError(): Promise<string> {
    const lines = (await readFile(this.#logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-200);
    for (const line of lines.reverse()) {
      try {
        const { level, msg, err } = JSON.parse(line) as LogLine;
        if ((level ?? 0) >= 50) return err?.message ?? msg ?? line;
      } catch {
        if (line.includes('Error')) return line;
      }
    }
    return lines[0] ?? 'it said nothing';
  }
}

interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}
