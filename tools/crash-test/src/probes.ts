import { TOPICS } from '@tributary/contracts';
import { followTopic, messageOf, type IdentifiedCall } from '@tributary/harness';
import type { LogRecord } from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import type { Load } from './load.js';
import type { BreakablePlatform } from './breakable-platform.js';
import type { Tables } from './tables.js';

/** More than there are partitions, so that hardly one is left out. */
const PROBES = 16;
const WITHIN_MS = 240_000;
const POLL_MS = 25;
const AUDIENCE = 'probes';

/**
 * Says when the platform has recovered: when probes that were sent after the end of the fault, each by a visitor of its
 * own, have come through to `audience.changes.v1`. That is the whole live path, in every partition of the event log,
 * and a consumer that still has lag brings them late. After a fault of ClickHouse, also when they are in its table of
 * events. The fault ends when its mending begins: the start of what was killed is part of the recovery.
 */
export class Probes {
  readonly #seen = new Set<string>();
  #rounds = 0;

  constructor(
    private readonly platform: BreakablePlatform,
    private readonly load: Load,
    private readonly tables: Tables,
    /** How many times the usual time they may take. */
    private readonly patience: number,
  ) {}

  async start(stack: AsyncDisposableStack): Promise<void> {
    await this.platform.client.putAudience(AUDIENCE, "event('Probe').within(1 hours).count() >= 1");
    const onRecord = (record: LogRecord) => {
      const change = messageOf(TOPICS.changes, 'audience-change@1', record);
      if (change?.audienceKey === AUDIENCE) for (const who of change.identifiers) this.#seen.add(who);
    };
    await followTopic(stack, this.platform.connection, TOPICS.changes, { from: 'now', onRecord });
  }

  /**
   * Sends probes; resolves with how long it took from now until all of them had come through, in milliseconds.
   *
   * @throws Error that names probes that did not
   */
  async recovered(tablesToo: boolean): Promise<number> {
    const began = performance.now();
    this.#rounds += 1;
    const calls = Array.from({ length: PROBES }, (_, i): IdentifiedCall => {
      const name = `probe-${this.#rounds}-${i}`;
      return { type: 'track', event: 'Probe', anonymousId: name, messageId: name };
    });
    await Promise.all(calls.map((call) => this.load.deliver([call])));
    const visitors = calls.map(({ anonymousId }) => `anonymous_id:${anonymousId ?? ''}`);
    const until = { until: (missing: readonly string[]) => missing.length === 0, everyMs: POLL_MS };
    const within = { ...until, withinMs: WITHIN_MS * this.patience };
    await eventually(() => visitors.filter((visitor) => !this.#seen.has(visitor)), {
      ...within,
      what: 'every probe in audience.changes.v1',
    });
    const missingRows = async () => {
      const rows = await this.tables.probesOf(this.#rounds);
      return visitors.filter((visitor) => !rows.has(visitor));
    };
    if (tablesToo) await eventually(missingRows, { ...within, what: 'every probe in the table of events' });
    return Math.round(performance.now() - began);
  }
}
