import { DatabaseAwayError, type ControlPlane, type Database } from '@tributary/control';
import type { Logger } from '@tributary/service';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ScoresTables } from './scores.tables.js';

const LEASE = sql`interval '30 seconds'`;
const RENEW_MS = 10_000;
/** After something has failed. */
const RETRY_MS = 5_000;

export interface DutyOptions {
  readonly name: string;
  readonly database: Database<ScoresTables>;
  readonly plane: Pick<ControlPlane, 'isPrepared'>;
  readonly logger: Logger;
  /** How often, in milliseconds. */
  readonly everyMs: number;
  /** Does what is due. It may be done twice, where a process stood still. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** What one process of the api at a time does, again and again: a process that ends loses it after 30 seconds. */
export class Duty {
  readonly #me = randomUUID();
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: DutyOptions) {}

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { plane, logger, name, everyMs } = this.options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      let pauseMs = everyMs;
      try {
        if (plane.isPrepared && (await this.#claim())) await this.#leased();
      } catch (error) {
        pauseMs = Math.max(everyMs, RETRY_MS);
        if (!(error instanceof DatabaseAwayError))
          logger.warn({ err: error, duty: name }, 'a duty is tried again');
      }
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    await this.#letGo().catch(() => undefined);
  }

  async #leased(): Promise<void> {
    const renewing = setInterval(() => {
      this.#claim().catch(() => undefined);
    }, RENEW_MS);
    try {
      await this.options.work(this.#ending.signal);
    } finally {
      clearInterval(renewing);
    }
  }

  /** Takes it, or goes on having it; answers whether this process has it. */
  async #claim(): Promise<boolean> {
    const { name, database } = this.options;
    const { rows } = await database.run((statements) =>
      sql`INSERT INTO duties (name, leased_by, leased_until) VALUES (${name}, ${this.#me}, now() + ${LEASE})
          ON CONFLICT (name) DO UPDATE SET leased_by = excluded.leased_by, leased_until = excluded.leased_until
          WHERE duties.leased_by = ${this.#me} OR duties.leased_until < now()
          RETURNING name`.execute(statements),
    );
    return rows.length > 0;
  }

  async #letGo(): Promise<void> {
    const { name, database } = this.options;
    await database.run((statements) =>
      sql`DELETE FROM duties WHERE name = ${name} AND leased_by = ${this.#me}`.execute(statements),
    );
  }
}
