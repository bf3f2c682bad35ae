import { TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import { TopicFollower, type LogRecord } from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from './call.js';
import { NotRecoveredError } from './crash-test.errors.js';
import type { Load } from './load.js';
import type { Harness } from './harness.js';
import type { Tables } from './tables.js';

/** More than there are partitions, so that hardly one is left out. */
const PROBES = 16;
const WITHIN_MS = 240_000;
const POLL_MS = 25;
const FOLLOW_AGAIN_MS = 500;
const AUDIENCE = 'probes';

/**
 * Says when the platform has recovered: when probes that were sent after the end of the fault, each by a visitor of its
 * own, have come through to `audience.changes.v1`. That is the whole live path, in every partition of the event log,
 * and a consumer that still has lag brings them late. After a fault of ClickHouse, also when they are in its table of
 * events. The fault ends when its mending begins: the start of what was killed is part of the recovery.
 */
export class Probes {
  readonly #seen = new Set<string>();
  #follower: TopicFollower | undefined;
  #stopped = false;
  #rounds = 0;

  constructor(
    private readonly harness: Harness,
    private readonly load: Load,
    private readonly tables: Tables,
    /** How many times the usual time they may take. */
    private readonly patience: number,
  ) {}

  async start(): Promise<void> {
    await this.harness.putAudience(AUDIENCE, "event('Probe').within(1 hours).count() >= 1");
    await this.#follow(true);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#follower?.stop();
  }

  async #follow(fromEnd: boolean): Promise<void> {
    const onRecord = ({ value }: LogRecord) => {
      const change = JSON.parse(value?.toString('utf8') ?? '') as AudienceChangeMessage;
      if (change.audienceKey === AUDIENCE) for (const who of change.identifiers) this.#seen.add(who);
    };
    const onFatal = () => void this.#followAgain();
    this.#follower = new TopicFollower(this.harness.connection, TOPICS.changes, onRecord, {
      fromEnd,
      onFatal,
    });
    await this.#follower.start();
  }

  /** A broker that is away for long ends a follower; what came meanwhile is read from the beginning. */
  async #followAgain(): Promise<void> {
    await this.#follower?.stop().catch(() => undefined);
    while (!this.#stopped) {
      try {
        await this.#follow(false);
        return;
      } catch {
        await delay(FOLLOW_AGAIN_MS);
      }
    }
  }

  /**
   * Sends probes; resolves with how long it took from now until all of them had come through, in milliseconds.
   *
   * @throws NotRecoveredError
   */
  async recovered(tablesToo: boolean): Promise<number> {
    const began = performance.now();
    this.#rounds += 1;
    const calls = Array.from({ length: PROBES }, (_, i): Call => {
      const name = `probe-${this.#rounds}-${i}`;
      return { type: 'track', event: 'Probe', anonymousId: name, messageId: name };
    });
    await Promise.all(calls.map((call) => this.load.deliver([call])));
    const visitors = calls.map(({ anonymousId }) => `anonymous_id:${anonymousId ?? ''}`);
    await this.#until(began, 'audience.changes.v1', () => {
      return Promise.resolve(visitors.filter((visitor) => !this.#seen.has(visitor)));
    });
    if (tablesToo) {
      await this.#until(began, 'the table of events', async () => {
        const rows = await this.tables.probesOf(this.#rounds).catch(() => new Set<string>());
        return visitors.filter((visitor) => !rows.has(visitor));
      });
    }
    return Math.round(performance.now() - began);
  }

  async #until(began: number, where: string, missing: () => Promise<readonly string[]>): Promise<void> {
    const within = WITHIN_MS * this.patience;
    for (;;) {
      const left = await missing();
      if (left.length === 0) return;
      if (performance.now() - began > within) throw new NotRecoveredError(left, within, where);
      await delay(POLL_MS);
    }
  }
}
