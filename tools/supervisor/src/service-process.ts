import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastError } from './last-error.js';
import { ServiceStartError } from './supervisor.errors.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NODE = join(ROOT, 'node_modules/node/bin/node');
const NODE_ARGUMENTS = [
  '--enable-source-maps',
  '--disable-warning=ExperimentalWarning',
  // Most of what a service makes dies with its batch: a small young generation carries it on, and pauses for that.
  '--max-semi-space-size=64',
];
// Longer than a service takes to drain before it gives up by itself.
const GRACE_MS = 22_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_AFTER_MS = 60_000;

/** What a service is started with. */
export interface ServiceOptions {
  /** The folder under `apps/`. */
  readonly name: string;
  /** On which it listens, 0: any free one. Default: what its settings say. */
  readonly port?: number;
  /** Its settings, and nothing else is handed to it. */
  readonly env: NodeJS.ProcessEnv;
  /** Its log is `logs/<name>.log` in here, and only ever appended to. */
  readonly dataDir: string;
  /** Whether an unexpected end is reported in one line and followed by a new start, with growing pauses. */
  readonly restart: boolean;
  /** Takes lines for people. Default: none. */
  readonly say?: (line: string) => void;
  /** Arguments for Node.js itself, before the program. Default: none. */
  readonly nodeArguments?: readonly string[];
  /** The program. Default: `apps/<name>/dist/main.js`. */
  readonly main?: string;
}

/** What a service sends to its parent. */
interface Message {
  readonly type?: string;
  readonly url?: string;
  readonly reasons?: readonly string[];
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A service as a child process in a group of its own, so that the terminal's Ctrl-C reaches it through us alone. It
 * ends with this process: its channel to us closes, whatever ends us.
 */
export class ServiceProcess {
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #logFrom = 0;
  #url = '';
  #stopping = false;
  #failures = 0;
  #readyAt = 0;
  #waitsFor = '';

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Where it answers, without a slash at the end; of the latest start. */
  get url(): string {
    return this.#url;
  }

  /** Of the latest start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the process of the latest start has ended, whoever ended it. */
  get exited(): Promise<Exit> {
    return this.#exited;
  }

  /**
   * Starts it, also again after it ended; resolves when it says that it is ready.
   *
   * @throws ServiceStartError when it ends before that
   */
  async start(): Promise<void> {
    this.#stopping = false;
    await this.#startOnce();
  }

  /** Sends a signal to it and nothing else. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Lets it drain and resolves when it is gone; ends it by force after 22 s. A failure to drain is reported in a line. */
  async stop(): Promise<void> {
    const asked = this.#stopping;
    this.#stopping = true;
    if (!this.#isRunning()) return;
    if (asked) {
      await this.#exited;
      return;
    }
    this.kill('SIGTERM');
    const force = setTimeout(() => {
      this.kill('SIGKILL');
    }, GRACE_MS);
    const { code } = await this.#exited;
    clearTimeout(force);
    if (this.#readyAt > 0 && code !== 0) this.#say(`${this.name} did not drain: ${await this.#lastError()}`);
  }

  async #startOnce(): Promise<void> {
    this.#readyAt = 0;
    const child = this.#spawn();
    const exited = (once(child, 'exit') as Promise<[Exit['code'], Exit['signal']]>).then(
      ([code, signal]): Exit => ({ code, signal }),
    );
    this.#exited = exited.catch((): Exit => ({ code: null, signal: null }));
    const ready = new Promise<string>((resolve) => {
      child.on('message', (message: Message) => {
        if (message.type === 'ready') resolve(message.url ?? '');
        else if (message.type === 'waiting') this.#waits(message.reasons ?? []);
      });
    });
    const url = await Promise.race([ready, exited.then(() => undefined)]);
    if (url === undefined) throw new ServiceStartError(this.name, await this.#lastError(), this.#logFile);
    this.#url = url;
    this.#readyAt = performance.now();
    void this.#exited.then((exit) => this.#ended(exit));
  }

  /** Says what it waits for, each thing once. */
  #waits(reasons: readonly string[]): void {
    const words = reasons.join('; ');
    if (words === this.#waitsFor) return;
    this.#waitsFor = words;
    this.#say(`${this.name} is not ready yet: ${words}`);
  }

  #spawn(): ChildProcess {
    const { name, port, env, main, dataDir, nodeArguments = [] } = this.#options;
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    const log = openSync(this.#logFile, 'a');
    this.#logFrom = fstatSync(log).size;
    const program = main ?? join(ROOT, 'apps', name, 'dist/main.js');
    const ownPort = port === undefined ? {} : { [portSetting(name)]: String(port) };
    this.#child = spawn(NODE, [...NODE_ARGUMENTS, ...nodeArguments, program], {
      env: { ...env, ...ownPort, NODE_OPTIONS: '' },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    return this.#child;
  }

  async #ended({ code, signal }: Exit): Promise<void> {
    if (this.#stopping || !this.#options.restart) return;
    if (performance.now() - this.#readyAt > STEADY_AFTER_MS) this.#failures = 0;
    this.#say(`${this.name} ended ${await this.#reason({ code, signal })}; starting it again`);
    while (!(await this.#startedAgain()));
  }

  async #reason({ code, signal }: Exit): Promise<string> {
    return signal === null ? `with code ${code ?? 'none'}: ${await this.#lastError()}` : `by ${signal}`;
  }

  /** True when it is ready or no longer wanted. */
  async #startedAgain(): Promise<boolean> {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (this.#stopping || this.#isRunning()) return true;
    try {
      await this.#startOnce();
      return true;
    } catch (error) {
      if (this.#isUnwanted()) return true;
      this.#say(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #isRunning(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  // A method: across an await, TypeScript would take the field's earlier value for granted.
  #isUnwanted(): boolean {
    return this.#stopping;
  }

  get #logFile(): string {
    return join(this.#options.dataDir, 'logs', `${this.name}.log`);
  }

  #lastError(): Promise<string> {
    return lastError(this.#logFile, this.#logFrom);
  }

  #say(line: string): void {
    this.#options.say?.(line);
  }
}

/** The name of the setting that holds a service's port: `PROFILE_BUILDER_PORT` for `profile-builder`. */
export function portSetting(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_PORT`;
}

/**
 * Starts a service; resolves when it is ready.
 *
 * @throws ServiceStartError with the last error of its log when it ends before that
 */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const service = new ServiceProcess(options);
  await service.start();
  return service;
}
