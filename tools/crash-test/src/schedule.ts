import { Random } from './random.js';

const CONSUMERS = ['identity', 'profile-builder', 'segmentation'] as const;
const SERVICES = ['collector', 'api', ...CONSUMERS] as const;

/** What can be broken, and of what. */
const TARGETS = {
  'kill-service': SERVICES,
  'kill-broker': ['broker'],
  'kill-clickhouse': ['clickhouse'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FaultKind = keyof typeof TARGETS;

/** One thing that breaks. */
export interface Fault {
  /** When it is due, in milliseconds since the load began; a fault waits until the one before it is over. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly target: string;
  /** How long it stays broken, in milliseconds. */
  readonly forMs: number;
}

const PER_MINUTE = 10;
const FIRST_AT_MS = 5_000;

/**
 * What breaks when, as the seed has it: first the faults that every run has, in an order of the seed's, then whatever
 * else may happen, again and again.
 */
export function planFaults(seed: number, minutes: number): readonly Fault[] {
  const random = new Random(seed, 'faults');
  const all = Object.entries(TARGETS).flatMap(([kind, targets]) =>
    targets.map((target) => ({ kind: kind as FaultKind, target })),
  );
  const count = Math.max(all.length, Math.round(minutes * PER_MINUTE));
  const planned: { readonly kind: FaultKind; readonly target: string }[] = [];
  while (planned.length < count) planned.push(...random.shuffled(all));
  const gap = (minutes * 60_000 - FIRST_AT_MS) / count;
  return planned.slice(0, count).map((fault, i) => ({
    ...fault,
    at: Math.round(FIRST_AT_MS + (i + random.next() * 0.5) * gap),
    forMs: random.between(200, 3_000),
  }));
}
