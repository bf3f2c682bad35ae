import { Inject, Injectable } from '@nestjs/common';
import { METRICS } from '@tributary/service';
import { Counter, Registry } from 'prom-client';

/** What is refused without an answer. */
@Injectable()
export class HttpMetrics {
  readonly #dropped: Counter<'route' | 'code'>;

  constructor(@Inject(METRICS) registry: Registry) {
    this.#dropped = new Counter({
      name: 'tributary_collector_requests_dropped_total',
      help: 'Requests answered as if all were well: pixels that were not accepted, by the reason, and metrics of clients',
      labelNames: ['route', 'code'],
      registers: [registry],
    });
  }

  dropped(route: string, code: string): void {
    this.#dropped.inc({ route, code });
  }
}
