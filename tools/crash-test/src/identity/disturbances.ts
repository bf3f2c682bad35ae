import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '@tributary/harness/people';
import type { IdentityWorkers } from './workers.js';

/** What was done to the processes, by name. */
export type Done = Readonly<Record<'kills' | 'stops' | 'starts', number>>;

const FEWEST = 1;
const PAUSES_MS = [500, 6_000] as const;

/**
 * Kills, stops and starts processes of identity one after another, as the seed says, without waiting for the group to
 * recover: some fall within the rebalance of the one before. One at least is left to run.
 */
export class Disturbances {
  readonly #random: Random;
  readonly #done = { kills: 0, stops: 0, starts: 0 };
  readonly #starting: Promise<void>[] = [];

  constructor(
    private readonly workers: IdentityWorkers,
    seed: number,
    private readonly say: (line: string) => void,
  ) {
    this.#random = new Random(seed, 'disturbances');
  }

  get done(): Done {
    return { ...this.#done };
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#next();
      await delay(this.#random.between(...PAUSES_MS));
    }
    for (const number of this.workers.numbers(false)) this.#start(number);
    await Promise.all(this.#starting);
  }

  async #next(): Promise<void> {
    const running = this.workers.numbers(true);
    const idle = this.workers.numbers(false);
    const isToStart = running.length <= FEWEST || (idle.length > 0 && this.#random.chance(0.5));
    if (isToStart) this.#start(this.#random.pick(idle));
    else if (this.#random.chance(0.65)) await this.#kill(this.#random.pick(running));
    else await this.#stop(this.#random.pick(running));
  }

  /** It may be killed again before it is ready. */
  #start(number: number): void {
    this.say(`machine ${number + 1} is started`);
    this.#done.starts += 1;
    const starting = this.workers.start(number);
    // Heard of at the end.
    starting.catch(() => undefined);
    this.#starting.push(starting);
  }

  async #kill(number: number): Promise<void> {
    this.say(`machine ${number + 1} is killed`);
    this.#done.kills += 1;
    await this.workers.kill(number);
  }

  async #stop(number: number): Promise<void> {
    this.say(`machine ${number + 1} is stopped`);
    this.#done.stops += 1;
    await this.workers.stop(number);
  }
}
