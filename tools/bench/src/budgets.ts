import type { Measure } from './bench.js';
import type { Results } from './results.js';
import type { Summary } from './statistics.js';

/** A bar that the design sets, on two cores with everything on the one machine. */
export interface Budget {
  readonly what: string;
  readonly bar: string;
  /** What shows it; absent: nothing measures it yet. */
  readonly measured?: {
    readonly bench: string;
    /** How the measure begins. Of several that match, the one that is worst for the bar counts. */
    readonly what: string;
    readonly variant?: RegExp;
    /** The bar is met only where it is met with so much; fewer can only miss it. */
    readonly size?: string;
    readonly unit: string;
    readonly bound: 'at least' | 'at most';
    readonly value: number;
  };
}

/** The budgets of the design, in its order. */
export const BUDGETS: readonly Budget[] = [
  {
    what: 'collector: acknowledged by all replicas, batches of 20 events of 850 bytes',
    bar: '≥ 45,000 events a second of its CPU; the aim is 65,000',
    measured: {
      bench: 'collector',
      what: 'events a CPU second',
      variant: /^tributary, batches/,
      unit: 'events',
      bound: 'at least',
      value: 45_000,
    },
  },
  {
    what: 'whole pipeline, HTTP to membership and to ClickHouse',
    bar: '≥ 15,000 events/s',
    measured: {
      bench: 'pipeline',
      what: 'sustained, to membership and ClickHouse',
      unit: 'events/s',
      bound: 'at least',
      value: 15_000,
    },
  },
  ...(
    [
      ['p50', 100],
      ['p99', 500],
    ] as const
  ).map(([rank, value]) => ({
    what: `event accepted → audience change readable in Kafka, at half of the load, ${rank}`,
    bar: `< ${value} ms`,
    measured: {
      bench: 'pipeline',
      what: `accepted to change at half load, ${rank}`,
      unit: 'ms',
      bound: 'at most' as const,
      value,
    },
  })),
  {
    what: 'window passes → exit published, p99',
    bar: '< 250 ms late',
    measured: { bench: 'latency', what: 'exit late, p99', unit: 'ms', bound: 'at most', value: 250 },
  },
  { what: 'new audience over 10 million past events', bar: 'live in < 20 s' },
  {
    what: 'profile read by id, p99',
    bar: '< 10 ms at 2,000 reads/s beside the load',
    measured: {
      bench: 'profiles',
      what: 'profile read, p99',
      variant: /^by id$/,
      unit: 'ms',
      bound: 'at most',
      value: 10,
    },
  },
  {
    what: 'restart after `kill -9`, 1 million profiles',
    bar: 'caught up in < 10 s',
    measured: {
      bench: 'restart',
      what: 'lag gone',
      variant: / killed, [\d,]+ profiles$/,
      size: '1,000,000 profiles',
      unit: 's',
      bound: 'at most',
      value: 10,
    },
  },
  {
    what: 'memory of each process, whatever the number of profiles',
    bar: '≤ 1 GiB',
    measured: {
      bench: 'pipeline',
      what: 'memory: ',
      size: '1,000,000 profiles',
      unit: 'MB',
      bound: 'at most',
      value: 1_074,
    },
  },
];

/** What was measured for a bar, and what may be said of it. */
export interface Verdict {
  readonly figure: Measure & Summary;
  readonly met: 'yes' | 'no' | 'not yet tried at full size';
}

/** Of all figures that are for a budget the worst for it; undefined where there is none. */
export function verdictOn({ measured }: Budget, results: ReadonlyMap<string, Results>): Verdict | undefined {
  if (!measured) return undefined;
  const matching = (results.get(measured.bench)?.measures ?? []).filter(
    ({ what, variant = '' }) => what.startsWith(measured.what) && (measured.variant?.test(variant) ?? true),
  );
  const sign = measured.bound === 'at most' ? 1 : -1;
  const [figure] = matching.toSorted((a, b) => sign * (b.median - a.median));
  if (!figure) return undefined;
  if (sign * (figure.median - measured.value) > 0) return { figure, met: 'no' };
  const { size } = measured;
  const tried = size === undefined || matching.some(({ variant = '' }) => variant.endsWith(size));
  return { figure, met: tried ? 'yes' : 'not yet tried at full size' };
}
