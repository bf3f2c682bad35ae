import { ownEnvironment, startUntilReady } from '@tributary/harness';
import { ServiceProcess } from '@tributary/supervisor';
import { join } from 'node:path';

const MOST_STARTS = 20;

export interface IdentityWorkersOptions {
  readonly dataDir: string;
  readonly brokers: string;
  readonly say: (line: string) => void;
}

/** Processes of identity in one consumer group, each on a machine of its own: its disk stays while no process runs on it. */
export class IdentityWorkers {
  readonly #all: readonly ServiceProcess[];
  /** By process that runs or starts, what distinguishes this life of it from others. */
  readonly #lives = new Map<ServiceProcess, symbol>();

  constructor({ dataDir, brokers, say }: IdentityWorkersOptions, machines: number) {
    const env = ownEnvironment();
    this.#all = Array.from({ length: machines }, (_, i) => {
      const folder = join(dataDir, `machine-${i + 1}`);
      return new ServiceProcess({
        ...{ name: 'identity', port: 0, dataDir: folder, restart: true },
        // Its tables are late for as long as there is no engine, and nothing else is.
        env: { ...env, KAFKA_BROKERS: brokers, CLICKHOUSE_URL: 'http://127.0.0.1:1', TRIBUTARY_DATA: folder },
        say: (line) => {
          say(`machine ${i + 1}: ${line}`);
        },
      });
    });
  }

  /** The numbers of the machines on which a process runs or starts, or none does; from 0. */
  numbers(isRunning: boolean): readonly number[] {
    return this.#all.flatMap((process, i) => (this.#lives.has(process) === isRunning ? [i] : []));
  }

  /** Resolves when it is ready, after as many starts as that takes, or was ended before that. */
  async start(number: number): Promise<void> {
    const process = this.#at(number);
    const life = Symbol();
    this.#lives.set(process, life);
    await startUntilReady(process, { most: MOST_STARTS, isWanted: () => this.#lives.get(process) === life });
  }

  /** Without a word, and nobody starts it again. */
  async kill(number: number): Promise<void> {
    const process = this.#at(number);
    this.#lives.delete(process);
    process.kill('SIGKILL');
    await process.exited;
    await process.stop();
  }

  /** Drains it. */
  async stop(number: number): Promise<void> {
    const process = this.#at(number);
    this.#lives.delete(process);
    await process.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#all.map((process) => process.stop()));
  }

  #at(number: number): ServiceProcess {
    const process = this.#all[number];
    if (!process) throw new RangeError(`there is no machine ${number + 1}`);
    return process;
  }
}
