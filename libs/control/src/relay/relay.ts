import {
  BatchingProducer,
  isRecordRefused,
  type KafkaConnection,
  type OutgoingRecord,
} from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Database } from '../database.js';
import { OUTBOX_CHANNEL, PUBLISHED_CHANNEL } from '../definitions/outbox-channels.js';
import type { AnyKind } from '../definitions/kind.js';
import type { Secrets } from '../secrets.js';
import type { ControlTables } from '../tables.js';
import { isPublished, markPublished, pendingIn, type Pending } from './outbox.js';
import { Progress } from './progress.js';
import { TopicGuard } from './topic-guard.js';

/** Where the relay reports what it could not do. */
export interface ControlLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RelayOptions {
  readonly database: Database<ControlTables>;
  readonly connection: KafkaConnection;
  readonly kinds: readonly AnyKind[];
  readonly secrets: Secrets;
  readonly logger: ControlLogger;
}

/** Held by the session of the one relay that works. */
const LOCK = 'tributary.relay';
/** How long it takes at most until another process takes over from one that has ended, or sees what it was not told. */
const POLL_MS = 250;
const RETRY_MS = 250;
/** A holder that is silent for so long, since it stands still, loses its session, and the lock with it. */
const SILENT_SESSION_MS = 15_000;
/** So old is the last sign that the lock is held, at most, when something is written: well below the above. */
const FRESH_MS = 8_000;
const ASK_AGAIN_MS = 500;

/**
 * Brings the outbox into the topics, in its order, one relay at a time of however many processes run one: the database's
 * lock says which. It writes first and takes out of the outbox after: what a relay that dies between has written is
 * written once more by the next.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #producer: BatchingProducer;
  readonly #progress = new Progress();
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #endPause: () => void = () => undefined;
  #isNudged = false;
  #sureAt = -Infinity;
  #holds = false;
  #pending = 0;
  #refused = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
    this.#producer = new BatchingProducer(options.connection, {
      lingerMs: 0,
      beforeSend: () => {
        if (performance.now() - this.#sureAt > FRESH_MS)
          throw new Error('the relay may be another process by now');
      },
    });
  }

  /** Whether it is this process's relay that works. */
  get holds(): boolean {
    return this.#holds;
  }

  /** Versions that the topics did not have when this relay last looked: how many, a hundred at most. */
  get pending(): number {
    return this.#pending;
  }

  /** How often Kafka has refused a definition for what it is, since this process began: the database alone has it. */
  get refused(): number {
    return this.#refused;
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    await this.#producer.disconnect();
  }

  /** Whether the topics have everything up to a place of the outbox, within so many milliseconds. */
  async published(seq: number, patienceMs: number): Promise<boolean> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return false;
      if (await this.#progress.reaches(seq, Math.min(left, ASK_AGAIN_MS))) return true;
      // Without a session no notification arrives, so the table is asked.
      const isThere = await isPublished(this.#options.database, seq).catch(() => false);
      if (isThere) return true;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#attend();
      } catch (error) {
        this.#options.logger.warn(
          { err: error },
          'the relay of definitions lost its session and begins again',
        );
        await delay(RETRY_MS);
      }
    }
  }

  /** One session with the database: until it breaks, or the relay is stopped. */
  async #attend(): Promise<void> {
    const session = await this.#options.database.session();
    const broken: { error?: Error } = {};
    session.on('notification', ({ channel, payload = '' }) => {
      if (channel === PUBLISHED_CHANNEL) this.#progress.advance(Number(payload));
      else this.#wake();
    });
    session.on('error', () => {
      this.#wake();
    });
    let guard: TopicGuard | undefined;
    try {
      await session.query(`SET idle_session_timeout = ${SILENT_SESSION_MS}`);
      await session.query(`LISTEN ${OUTBOX_CHANNEL}; LISTEN ${PUBLISHED_CHANNEL}`);
      while (!this.#stopping) {
        if (broken.error) throw broken.error;
        if (!this.#holds && (await takesLock(session))) {
          this.#holds = true;
          this.#options.logger.info({}, 'this process relays definitions to the topics');
          guard = this.#guard((error) => {
            broken.error = new Error('the topics are not followed any more', { cause: error });
            this.#wake();
          });
        }
        if (this.#holds) await this.#drain(session);
        else await session.query('SELECT 1');
        await this.#pause();
      }
    } finally {
      this.#holds = false;
      // The lock ends with the session.
      await Promise.race([session.end().catch(() => undefined), delay(RETRY_MS, undefined, { ref: false })]);
      await guard?.stop();
    }
  }

  /** Beside the relaying, which does not wait for it. */
  #guard(onFatal: (error: unknown) => void): TopicGuard {
    const { database, connection, kinds } = this.#options;
    const guard = new TopicGuard({ database, connection, kinds, onFatal });
    guard.start().catch(onFatal);
    return guard;
  }

  async #drain(session: Client): Promise<void> {
    while (!this.#stopping) {
      const askedAt = performance.now();
      const pending = await pendingIn(session, this.#kinds, this.#options.secrets);
      this.#sureAt = askedAt;
      this.#pending = pending.length;
      if (pending.length === 0) return;
      if (!(await this.#publish(pending))) return;
      await markPublished(
        session,
        pending.map(({ seq }) => seq),
      );
      this.#progress.advance(pending.at(-1)?.seq ?? -1);
    }
  }

  /** Of one definition the last alone: versions say how things are, not what changed. */
  async #publish(pending: readonly Pending[]): Promise<boolean> {
    const last = new Map<string, Pending>();
    for (const one of pending) {
      const key = `${one.record.topic}/${one.record.key}`;
      last.delete(key);
      last.set(key, one);
    }
    try {
      // One topic after the other, so that what refers to a definition comes after it.
      for (const run of runsOf([...last.values()].map(({ record }) => record))) await this.#send(run);
      return true;
    } catch (error) {
      this.#options.logger.warn({ err: error, pending: pending.length }, 'kafka took no definition');
      await delay(RETRY_MS);
      return false;
    }
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      await this.#producer.send(records);
    } catch (error) {
      if (!isRecordRefused(error)) throw error;
      if (records.length > 1) {
        for (const record of records) await this.#send([record]);
        return;
      }
      // It would hold up all others for ever.
      this.#refused += 1;
      const fields = { err: error, topic: records[0]?.topic, key: records[0]?.key };
      this.#options.logger.error(fields, 'kafka refuses a definition, and it is passed over');
    }
  }

  #wake(): void {
    this.#isNudged = true;
    this.#endPause();
  }

  async #pause(): Promise<void> {
    if (!this.#isNudged)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        this.#endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#isNudged = false;
  }
}

async function takesLock(session: Client): Promise<boolean> {
  const { rows } = await session.query<{ readonly taken: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
    [LOCK],
  );
  return rows[0]?.taken ?? false;
}

/** Records of one topic that follow each other. */
function runsOf(records: readonly OutgoingRecord[]): readonly (readonly OutgoingRecord[])[] {
  const runs: OutgoingRecord[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    if (run?.[0]?.topic === record.topic) run.push(record);
    else runs.push([record]);
  }
  return runs;
}
