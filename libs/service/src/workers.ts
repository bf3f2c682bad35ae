import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Logger } from './logging.js';
import { endProcess, EXITS } from './process.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_AFTER_MS = 60_000;
const GRACE_MS = 22_000;

interface Ready {
  readonly type: 'ready';
  readonly url: string;
}

interface MetricsAsked {
  readonly type: 'metrics asked';
  readonly id: number;
}

interface Metrics {
  readonly type: 'metrics';
  readonly id: number;
  readonly text?: string;
  readonly error?: string;
}

type FromWorker = Ready | MetricsAsked;

/**
 * Runs this program as so many processes on one port, of which this one does nothing but look after the others: it
 * reports to its parent that the service is ready when all of them are, hands signals on, starts anew what ends, and adds up
 * their metrics. When it is killed itself, they drain and end.
 */
export async function runWorkers(count: number, logger: Logger): Promise<void> {
  // They accept by themselves: a connection that is handed to one that was just killed would never be answered.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const workers = new Workers(logger);
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
    process.on(signal, () => void workers.stop(signal));
  }
  const [url = ''] = await Promise.all(Array.from({ length: count }, () => workers.first()));
  logger.info({ url, workers: count }, 'all workers are ready');
  if (process.connected) process.send?.({ type: 'ready', url } satisfies Ready);
  if (process.send && !process.connected) await workers.stop('disconnect');
}

class Workers {
  readonly #aggregator = new AggregatorRegistry();
  #closing = false;

  constructor(private readonly logger: Logger) {}

  /** Starts one; resolves with its address. One that never becomes ready ends the whole service. */
  async first(): Promise<string> {
    const worker = this.#fork();
    const url = await whenReady(worker);
    if (url === undefined && !this.#closing) endProcess(new Error('a worker ended before it was ready'));
    this.#watch(worker);
    return url ?? '';
  }

  /** Drains all, and ends the process: as `EXITS.drained` where each of them did. */
  async stop(signal: string): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.logger.info({ signal }, 'workers drain');
    const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const codes = await Promise.all(
      running.map(async (worker) => {
        const ended = once(worker, 'exit') as Promise<[number | null]>;
        worker.process.kill('SIGTERM');
        const late = setTimeout(() => worker.process.kill('SIGKILL'), GRACE_MS);
        const [code] = await ended;
        clearTimeout(late);
        return code;
      }),
    );
    const [exit] = codes.every((code) => code === EXITS.drained[0]) ? EXITS.drained : EXITS.unexpected;
    process.exit(exit);
  }

  #fork(): Worker {
    const worker = cluster.fork();
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'metrics asked') void this.#answer(worker, message.id);
    });
    return worker;
  }

  #watch(worker: Worker): void {
    const startedAt = performance.now();
    worker.once('exit', (code: number | null, signal: string | null) => {
      if (this.#closing) return;
      this.logger.error({ code, signal, pid: worker.process.pid }, 'a worker ended; starting another');
      void this.#replace(performance.now() - startedAt > STEADY_AFTER_MS ? 0 : 1);
    });
  }

  async #replace(failures: number): Promise<void> {
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    if (this.#closing) return;
    const worker = this.#fork();
    if ((await whenReady(worker)) === undefined) await this.#replace(failures + 1);
    else this.#watch(worker);
  }

  async #answer(worker: Worker, id: number): Promise<void> {
    const answer = await this.#aggregator.clusterMetrics().then(
      (text): Metrics => ({ type: 'metrics', id, text }),
      (error: unknown): Metrics => ({ type: 'metrics', id, error: String(error) }),
    );
    if (worker.isConnected()) worker.send(answer);
  }
}

/** Its address; undefined where it ended before it was ready. */
async function whenReady(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve(message.url);
    });
    worker.once('exit', () => {
      resolve(undefined);
    });
  });
}

let asked = 0;

/** The metrics of the whole service: of this process, or, where it is one of several workers, of all of them. */
export async function metricsOfAll(registry: Registry): Promise<string> {
  if (!cluster.isWorker || !process.connected) return registry.metrics();
  asked += 1;
  const id = asked;
  const answered = new Promise<Metrics>((resolve) => {
    const hear = (message: Metrics | { readonly type?: string }) => {
      if (message.type !== 'metrics' || (message as Metrics).id !== id) return;
      process.off('message', hear);
      resolve(message as Metrics);
    };
    process.on('message', hear);
  });
  process.send?.({ type: 'metrics asked', id } satisfies MetricsAsked);
  const { text, error } = await answered;
  if (text === undefined) throw new Error(`the metrics of all workers are not to be had: ${error ?? ''}`);
  return text;
}

/** To be called in each worker before metrics are asked for. */
export function shareMetrics(registry: Registry): void {
  if (!cluster.isWorker) return;
  AggregatorRegistry.setRegistries(registry);
  // It answers the first process from now on.
  new AggregatorRegistry();
}
