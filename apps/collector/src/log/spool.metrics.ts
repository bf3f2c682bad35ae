import type { Clock } from '@tributary/kernel';
import type { Logger } from '@tributary/service';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { DurableEventLog } from './durable.event-log.js';
import type { Segment } from './spool/segment.js';
import type { SetAside, SpoolObserver } from './spool/spool-observer.port.js';
import type { Spool } from './spool/spool.js';

/** What an operator sees of the spool: metrics, and a line in the log where something happens. */
export class SpoolMetrics implements SpoolObserver {
  readonly #replayed: Counter;
  readonly #setAside: Counter<'reason'>;
  readonly #failures: Counter;
  #awaySince: number | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {
    const registers = [registry];
    this.#replayed = new Counter({
      name: 'tributary_collector_spool_replayed_total',
      help: 'Records that were in the spool and are in Kafka now',
      registers,
    });
    this.#setAside = new Counter({
      name: 'tributary_collector_spool_parts_kept_total',
      help: 'parts of the spool that could not be written to Kafka and are kept in its folder set-aside',
      labelNames: ['reason'],
      registers,
    });
    this.#failures = new Counter({
      name: 'tributary_collector_spool_disk_failures_total',
      help: 'Writes to the spool that failed',
      registers,
    });
  }

  /** Shows the state of the spool. */
  show(spool: Spool, log: DurableEventLog): void {
    this.#gauge('bytes', 'Bytes in the spool', () => spool.bytes);
    this.#gauge('records', 'Records in the spool', () => spool.records);
    this.#gauge('oldest_seconds', 'Age of the oldest record in the spool', () =>
      spool.since === undefined ? 0 : Math.max(0, this.clock.now() - spool.since) / 1_000,
    );
    this.#gauge('in_use', '1 while records go to the spool, 0 while they go to Kafka', () =>
      log.isDirect ? 0 : 1,
    );
  }

  away(reason: unknown): void {
    if (this.#awaySince !== undefined) return;
    this.#awaySince = this.clock.now();
    this.logger.error({ err: reason }, 'kafka is away: events go to the spool');
  }

  back(): void {
    const forMs = this.#awaySince === undefined ? undefined : this.clock.now() - this.#awaySince;
    this.#awaySince = undefined;
    this.logger.info({ ...(forMs !== undefined && { forMs }) }, 'the spool is empty: events go to kafka');
  }

  replayFailed(error: unknown): void {
    this.logger.warn({ err: error }, 'kafka does not take the spool');
  }

  adopted(segments: readonly Segment[]): void {
    const records = segments.reduce((sum, segment) => sum + segment.records, 0);
    this.logger.info({ segments: segments.length, records }, 'took over the spool of a process that is gone');
  }

  replayed(records: number): void {
    this.#replayed.inc(records);
  }

  setAside({ file, kept, reason, error }: SetAside): void {
    this.#setAside.inc({ reason });
    const fields = { file, kept, reason, ...(error !== undefined && { err: error }) };
    if (reason === 'torn')
      this.logger.warn(fields, 'an unfinished write at the end of the spool was cut off');
    else this.logger.error(fields, 'a part of the spool was set aside');
  }

  unreadable(folder: string, error: unknown): void {
    this.logger.error({ folder, err: error }, 'a folder of the spool cannot be read and stays where it is');
  }

  diskFailed(error: unknown): void {
    this.#failures.inc();
    this.logger.error({ err: error }, 'the spool cannot be written');
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `tributary_collector_spool_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
