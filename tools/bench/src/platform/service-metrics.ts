import type { ServiceName } from '@tributary/supervisor';
import type { TestBed } from './test-bed.js';

/** The samples of a service's metric, by their labels as they are written. */
export async function samplesOf(
  bed: TestBed,
  service: ServiceName,
  metric: string,
): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${bed.platform.services[service].url}/metrics`);
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith(metric));
  return new Map(
    lines.map((line) => {
      const [, labels = '', value] = /^[^{ ]+(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      return [labels, Number(value)] as const;
    }),
  );
}

/** The longest pause of a service's event loop since it was asked last, in milliseconds. */
export async function longestPauseMs(bed: TestBed, service: ServiceName): Promise<number> {
  const samples = await samplesOf(bed, service, 'nodejs_eventloop_lag_max_seconds');
  return Math.max(0, ...samples.values()) * 1_000;
}
