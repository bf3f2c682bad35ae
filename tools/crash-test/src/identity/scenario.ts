import { startKafka } from '@tributary/embedded-kafka';
import { KafkaConnection } from '@tributary/kafka';
import { verify, type VerifyReport } from '@tributary/verify';
import { join } from 'node:path';
import { attempt, unasked } from '../attempt.js';
import { seconds } from '../report.js';
import { comesToRest } from '../rest.js';
import { Disturbances } from './disturbances.js';
import { Rebalances } from './rebalances.js';
import type { IdentityScenarioReport } from './report.js';
import { moreAssigned, readTold, type Told } from './assignments.js';
import { IdentityWorkers } from './workers.js';
import { Writer } from './writer.js';

export interface IdentityScenarioOptions {
  readonly seed: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

const AT_FIRST = 3;
const MACHINES = 4;
const GROUPS = ['identity-observations', 'identity-resolver'] as const;
const SETTLE_MS = 120_000;
const PATIENCE = 4;

/**
 * Writes a population's events to a Kafka of its own, on which three processes of identity share the work, changes rules and
 * splits meanwhile, and kills, stops and adds processes as the seed says; at rest, identity is recomputed from the log
 * and compared. Whatever goes wrong is in the report; the folder is removed unless something did.
 */
export async function identityScenario(options: IdentityScenarioOptions): Promise<IdentityScenarioReport> {
  const scenario = new Scenario(options);
  const ended = await attempt(
    (dataDir, stack) => scenario.run(dataDir, stack),
    () => scenario.wrong,
  );
  return { seed: options.seed, ...scenario.found, ...ended };
}

class Scenario {
  readonly #ends: string[] = [];
  #writer: Writer | undefined;
  #disturbances: Disturbances | undefined;
  #rebalances: Rebalances | undefined;
  #told: Told | undefined;
  #verified: VerifyReport | undefined;

  constructor(private readonly options: IdentityScenarioOptions) {}

  get found(): Omit<IdentityScenarioReport, 'seed' | 'wrong' | 'keptIn'> {
    const written = this.#writer?.written;
    return {
      ...(written && { written: { ...written, identifiers: written.identifiers.size } }),
      ...(this.#disturbances && { done: this.#disturbances.done }),
      rebalances: this.#rebalances?.count ?? 0,
      endsUnasked: this.#ends,
      ...(this.#told && { told: this.#told }),
      ...(this.#verified && { verify: this.#verified }),
    };
  }

  get wrong(): readonly string[] {
    return (this.#verified?.differences ?? []).map((difference) => `verify: ${JSON.stringify(difference)}`);
  }

  async run(dataDir: string, stack: AsyncDisposableStack): Promise<void> {
    const { seed, say } = this.options;
    const { brokers } = stack.adopt(await startKafka({ dataDir: join(dataDir, 'kafka'), port: 0 }), (kafka) =>
      kafka.stop(),
    );
    const connection = new KafkaConnection({ brokers: [brokers], clientId: 'crash-test', retries: 30 });
    const began = performance.now();
    const tell = (line: string) => {
      say(`${seconds(performance.now() - began).padStart(8)}  ${line}`);
    };
    const workers = new IdentityWorkers({ dataDir, brokers, say: unasked(this.#ends, tell) }, MACHINES);
    stack.defer(() => workers.stopAll());
    await Promise.all(Array.from({ length: AT_FIRST }, (_, i) => workers.start(i)));
    let assigned = 0;
    const areAssigned = async () => {
      assigned = await moreAssigned(connection, assigned);
    };
    this.#writer = new Writer(connection, { ...this.options, say: tell, areAssigned });
    this.#disturbances = new Disturbances(workers, seed, tell);
    const rebalances = new Rebalances(connection, GROUPS[1]);
    this.#rebalances = rebalances;
    stack.defer(() => rebalances.stop());
    rebalances.start();
    tell(`${AT_FIRST} processes are ready`);
    await this.#disturb(this.#writer, this.#disturbances);
    tell('all is written, and every process runs; waiting for rest');
    await comesToRest(connection, GROUPS, PATIENCE);
    tell('at rest');
    this.#told = await readTold(connection);
    this.#verified = await verify({ brokers, only: 'identity', settleMs: SETTLE_MS });
  }

  /** Until all is written; then every process is started. */
  async #disturb(writer: Writer, disturbances: Disturbances): Promise<void> {
    let isOver = false;
    const writing = writer.run().finally(() => (isOver = true));
    await Promise.all([writing, disturbances.run(() => isOver)]);
  }
}
