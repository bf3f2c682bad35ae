import { FOLDING_SERVICES, PROCESSORS } from '@tributary/harness';
import { Random } from '@tributary/harness/people';

const SERVICES = ['collector', 'api', ...FOLDING_SERVICES] as const;
const MACHINES = ['same', 'other'] as const;

const onMachines = FOLDING_SERVICES.flatMap((name) => MACHINES.map((machine) => `${name} ${machine}`));

/** What can be broken, of what, and for how long, in milliseconds. */
const KINDS = {
  'kill-service': { targets: SERVICES, forMs: [200, 3_000] },
  'kill-several': {
    targets: ['identity profile-builder segmentation', 'collector identity', 'profile-builder segmentation'],
    forMs: [200, 3_000],
  },
  'kill-broker': { targets: ['0', '1', '2', '3', '4', '5', '6', '7'], forMs: [200, 5_000] },
  'kill-clickhouse': { targets: ['clickhouse'], forMs: [200, 5_000] },
  // Longer than a session of 6 s.
  zombie: { targets: onMachines, forMs: [8_000, 12_000] },
  scale: { targets: onMachines, forMs: [0, 1] },
  cut: { targets: ['reset', 'swallow', 'delay'], forMs: [2_000, 9_000] },
  'lose-state': { targets: PROCESSORS.map(({ folder }) => folder), forMs: [0, 1] },
  'repeat-calls': { targets: ['50'], forMs: [0, 1] },
  'repeat-log': { targets: ['0', '1', '2', '3', '4', '5', '6', '7'], forMs: [0, 1] },
  'step-clock': {
    targets: SERVICES.filter((name) => name !== 'api').flatMap((name) => [
      `${name} -5000`,
      `${name} 5000`,
      `${name} 1300`,
    ]),
    forMs: [2_000, 8_000],
  },
} as const satisfies Readonly<
  Record<string, { readonly targets: readonly string[]; readonly forMs: readonly [number, number] }>
>;

export type FaultKind = keyof typeof KINDS;

/** One thing that breaks. */
export interface Fault {
  /** When it is due, in milliseconds since the load began; a fault waits until the one before it is over. */
  readonly at: number;
  readonly kind: FaultKind;
  /** What breaks: a service, a way of breaking, or the partition of the event log whose leader is killed. */
  readonly target: string;
  /** How long it stays broken, in milliseconds. */
  readonly forMs: number;
  /** Whether it happens however late it is: the others are left out once the run's time is over. */
  readonly always: boolean;
}

type Choice = Pick<Fault, 'kind' | 'target' | 'always'>;

const ALWAYS = [
  'kill-broker',
  'kill-clickhouse',
  'zombie',
  'cut',
  'lose-state',
  'repeat-calls',
  'repeat-log',
] as const satisfies readonly FaultKind[];

const PER_MINUTE = 6;
const FIRST_AT_MS = 3_000;

/**
 * What breaks when, as the seed has it: first the faults that every run has, in an order of the seed's, then whatever
 * else may happen, again and again.
 */
export function planFaults(seed: number, minutes: number): readonly Fault[] {
  const random = new Random(seed, 'faults');
  const planned: Choice[] = [...random.shuffled(alwaysOf(random))];
  const count = Math.max(planned.length, Math.round(minutes * PER_MINUTE));
  while (planned.length < count) planned.push(...random.shuffled(kinds().map((kind) => anyOf(kind, random))));
  const gap = (minutes * 60_000 - FIRST_AT_MS) / count;
  return planned.slice(0, count).map((choice, i) => {
    const at = Math.round(FIRST_AT_MS + (i + random.next() * 0.5) * gap);
    const [least, most] = KINDS[choice.kind].forMs;
    return { ...choice, at, forMs: random.between(least, most) };
  });
}

const kinds = () => Object.keys(KINDS) as FaultKind[];

function alwaysOf(random: Random): readonly Choice[] {
  const kills = SERVICES.map((target): Choice => ({ kind: 'kill-service', target, always: true }));
  // The owner of memberships has to know on an empty disk what it told; nobody else tells anything but facts.
  const emptied: Choice = { kind: 'lose-state', target: 'memberships', always: true };
  return [...kills, emptied, ...ALWAYS.map((kind) => ({ ...anyOf(kind, random), always: true }))];
}

function anyOf(kind: FaultKind, random: Random): Choice {
  return { kind, target: random.pick<string>(KINDS[kind].targets), always: false };
}
