import { startService, type ServiceName, type ServiceProcess } from '@tributary/supervisor';
import { join } from 'node:path';

/**
 * Where a second worker keeps its state: in the folder of the first, as on the same machine, or in one of its own, as
 * on another.
 */
export type Machine = 'same' | 'other';

export interface WorkersOptions {
  readonly dataDir: string;
  /** The settings of a service, all but its data folder. */
  readonly env: NodeJS.ProcessEnv;
  readonly nodeArguments: readonly string[];
  readonly say: (line: string) => void;
}

interface Second {
  readonly machine: Machine;
  readonly process: ServiceProcess;
}

/** Second workers of services, one of each at most. Another machine keeps its disk while no worker runs on it. */
export class Workers {
  readonly #seconds = new Map<ServiceName, Second>();

  constructor(private readonly options: WorkersOptions) {}

  has(name: ServiceName): boolean {
    return this.#seconds.has(name);
  }

  /** Resolves when a second worker on this machine has its partitions; one that runs elsewhere is drained first. */
  async add(name: ServiceName, machine: Machine): Promise<void> {
    if (this.#seconds.get(name)?.machine === machine) return;
    await this.remove(name);
    const { dataDir, env, nodeArguments, say } = this.options;
    const logs = join(dataDir, 'workers', machine);
    const process = await startService({
      ...{ name, nodeArguments, port: 0, restart: true },
      env: { ...env, TRIBUTARY_DATA: machine === 'same' ? dataDir : logs },
      dataDir: logs,
      say: (line) => {
        say(`second ${line}`);
      },
    });
    this.#seconds.set(name, { machine, process });
  }

  /** Drains the second worker, if there is one. */
  async remove(name: ServiceName): Promise<void> {
    await this.#seconds.get(name)?.process.stop();
    this.#seconds.delete(name);
  }

  async stop(): Promise<void> {
    for (const name of [...this.#seconds.keys()]) await this.remove(name);
  }
}
