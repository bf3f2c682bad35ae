import { Inject, Injectable } from '@nestjs/common';
import { BoundedLabel, METRICS, MOST_LABELLED_WORKSPACES, OTHER } from '@tributary/service';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { holderOf, InFlight } from '../log/in-flight.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode } from './answer.js';
import type { Validation } from './outcome.js';

/** Of all workspaces. */
const MOST_LABELLED_SOURCES = 1_000;
const NOBODY = { source: 'unknown', workspace: 'unknown' };

@Injectable()
export class IntakeMetrics {
  readonly #accepted: Counter<'source' | 'workspace'>;
  readonly #suppressed: Counter<'source' | 'workspace'>;
  readonly #rejected: Counter<'source' | 'code' | 'workspace'>;
  readonly #violations: Counter<'source' | 'code' | 'outcome' | 'workspace'>;
  readonly #flags: Counter<'source' | 'code' | 'workspace'>;
  readonly #notKept: Counter<'source' | 'code' | 'workspace'>;
  readonly #duration: Histogram<'route' | 'status'>;
  readonly #workspaces = new BoundedLabel(MOST_LABELLED_WORKSPACES);
  readonly #sources = new BoundedLabel(MOST_LABELLED_SOURCES);

  constructor(@Inject(METRICS) registry: Registry, inFlight: InFlight) {
    const registers = [registry];
    this.#accepted = new Counter({
      name: 'tributary_collector_events_accepted_total',
      help: 'Calls that are kept for good: in events.v1, or in the spool on the way there',
      labelNames: ['source', 'workspace'],
      registers,
    });
    this.#suppressed = new Counter({
      name: 'tributary_collector_events_suppressed_total',
      help: 'Calls of people who are suppressed: answered as accepted, and written nowhere',
      labelNames: ['source', 'workspace'],
      registers,
    });
    this.#rejected = new Counter({
      name: 'tributary_collector_events_rejected_total',
      help: 'Calls, and whole requests, that are kept for events.rejected.v1, by the first reason',
      labelNames: ['source', 'code', 'workspace'],
      registers,
    });
    this.#violations = new Counter({
      name: 'tributary_collector_plan_violations_total',
      help: 'Differences from the plan of the source in calls that were accepted; outcome: allowed or dropped',
      labelNames: ['source', 'code', 'outcome', 'workspace'],
      registers,
    });
    this.#flags = new Counter({
      name: 'tributary_collector_flags_total',
      help: 'What looks wrong in calls, accepted or not: identifiers that are too long or name nobody, too many of them, …',
      labelNames: ['source', 'code', 'workspace'],
      registers,
    });
    this.#notKept = new Counter({
      name: 'tributary_collector_requests_not_kept_total',
      help: 'Requests that are refused and not kept, and the rest of a file that is given up; source: unknown where none is known',
      labelNames: ['source', 'code', 'workspace'],
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

  validated(from: Source, validation: Omit<Validation, 'records'>): void {
    const { source, workspace } = this.#labelsOf(from);
    const { accepted, suppressed, rejected, violations, flags } = validation;
    if (accepted > suppressed) this.#accepted.inc({ source, workspace }, accepted - suppressed);
    if (suppressed > 0) this.#suppressed.inc({ source, workspace }, suppressed);
    for (const { code } of rejected) this.#rejected.inc({ source, code, workspace });
    for (const { code } of flags) this.#flags.inc({ source, code, workspace });
    for (const { code, dropped } of violations) {
      this.#violations.inc({ source, code, outcome: dropped ? 'dropped' : 'allowed', workspace });
    }
  }

  notKept(source: Source | undefined, code: ErrorCode): void {
    const { source: name, workspace } = source ? this.#labelsOf(source) : NOBODY;
    this.#notKept.inc({ source: name, code, workspace });
  }

  refused(from: Source, code: string): void {
    const { source, workspace } = this.#labelsOf(from);
    this.#rejected.inc({ source, code, workspace });
  }

  #labelsOf(source: Source): { readonly source: string; readonly workspace: string } {
    const isNamed = this.#sources.of(holderOf(source)) !== OTHER;
    return {
      source: isNamed ? source.sourceId : OTHER,
      workspace: this.#workspaces.of(source.workspaceId),
    };
  }

  answered(route: string, status: number, seconds: number): void {
    this.#duration.observe({ route, status }, seconds);
  }
}
