import { Inject, Injectable } from '@nestjs/common';
import { METRICS } from '@tributary/service';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { InFlight } from '../log/in-flight.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode } from './answer.js';
import type { Validation } from './outcome.js';

@Injectable()
export class IntakeMetrics {
  readonly #accepted: Counter<'source'>;
  readonly #rejected: Counter<'source' | 'code'>;
  readonly #violations: Counter<'source' | 'code' | 'outcome'>;
  readonly #flags: Counter<'source' | 'code'>;
  readonly #notKept: Counter<'source' | 'code'>;
  readonly #duration: Histogram<'route' | 'status'>;

  constructor(@Inject(METRICS) registry: Registry, inFlight: InFlight) {
    const registers = [registry];
    this.#accepted = new Counter({
      name: 'tributary_collector_events_accepted_total',
      help: 'Calls that are kept for good: in events.v1, or in the spool on the way there',
      labelNames: ['source'],
      registers,
    });
    this.#rejected = new Counter({
      name: 'tributary_collector_events_rejected_total',
      help: 'Calls, and whole requests, that are kept for events.rejected.v1, by the first reason',
      labelNames: ['source', 'code'],
      registers,
    });
    this.#violations = new Counter({
      name: 'tributary_collector_plan_violations_total',
      help: 'Differences from the plan of the source in calls that were accepted; outcome: allowed or dropped',
      labelNames: ['source', 'code', 'outcome'],
      registers,
    });
    this.#flags = new Counter({
      name: 'tributary_collector_flags_total',
      help: 'What looks wrong in calls, accepted or not: identifiers that are too long or name nobody, too many of them, …',
      labelNames: ['source', 'code'],
      registers,
    });
    this.#notKept = new Counter({
      name: 'tributary_collector_requests_not_kept_total',
      help: 'Requests that are refused and not kept, and the rest of a file that is given up; source: unknown where none is known',
      labelNames: ['source', 'code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'tributary_collector_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer',
      labelNames: ['route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    });
    new Gauge({
      name: 'tributary_collector_in_flight_bytes',
      help: 'Bytes of requests and unwritten events',
      registers,
      collect() {
        this.set(inFlight.bytes);
      },
    });
  }

  validated({ sourceId: source }: Source, validation: Omit<Validation, 'records'>): void {
    const { accepted, rejected, violations, flags } = validation;
    if (accepted > 0) this.#accepted.inc({ source }, accepted);
    for (const { code } of rejected) this.#rejected.inc({ source, code });
    for (const { code } of flags) this.#flags.inc({ source, code });
    for (const { code, dropped } of violations) {
      this.#violations.inc({ source, code, outcome: dropped ? 'dropped' : 'allowed' });
    }
  }

  notKept(source: Source | undefined, code: ErrorCode): void {
    this.#notKept.inc({ source: source?.sourceId ?? 'unknown', code });
  }

  refused({ sourceId }: Source, code: string): void {
    this.#rejected.inc({ source: sourceId, code });
  }

  answered(route: string, status: number, seconds: number): void {
    this.#duration.observe({ route, status }, seconds);
  }
}
