import { parseArgs } from 'node:util';
import type { BrokerCount } from './brokers.js';
import { ArgumentError } from './crash-test.errors.js';

/** What the command line asks for. */
export interface Arguments {
  readonly minutes: number;
  readonly seed: number;
  readonly brokers: BrokerCount;
  /** Instead of faults by the seed: a scenario, with so many events. */
  readonly scenario?: { readonly name: ScenarioName; readonly events: number };
}

const SCENARIOS = ['spool', 'identity'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

type Values = Readonly<
  Partial<Record<'minutes' | 'seed' | 'brokers' | 'scenario' | 'events', string | undefined>>
>;

const USAGE =
  'npm run crash-test -- [--minutes N] [--seed S] [--brokers 1|3], or --scenario spool|identity [--events N] [--seed S]';
const SCENARIO_EVENTS = 200_000;
const text = { type: 'string' } as const;

/**
 * Reads `--minutes N --seed S --brokers 1|3`, or `--scenario spool|identity --events N --seed S`. A seed that is not given is chosen
 * by the caller.
 *
 * @throws ArgumentError saying what would be right
 */
export function readArguments(args: readonly string[], anySeed: number): Arguments {
  let values: Values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { minutes: text, seed: text, brokers: text, scenario: text, events: text },
    }));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentError(`${what}; usage: ${USAGE}`);
  }
  const minutes = Number(values.minutes ?? 3);
  if (!(minutes > 0)) throw new ArgumentError(`--minutes is "${values.minutes ?? ''}", and must be above 0`);
  const seed = Number(values.seed ?? anySeed);
  if (!Number.isSafeInteger(seed)) {
    throw new ArgumentError(`--seed is "${values.seed ?? ''}", and must be a whole number`);
  }
  const brokers = values.brokers ?? '1';
  if (brokers !== '1' && brokers !== '3')
    throw new ArgumentError(`--brokers is "${brokers}", and must be 1 or 3`);
  const scenario = readScenario(values);
  return { minutes, seed, brokers: brokers === '1' ? 1 : 3, ...(scenario && { scenario }) };
}

function readScenario({ scenario, events, brokers, minutes }: Values): Arguments['scenario'] {
  if (scenario === undefined && events === undefined) return undefined;
  const name = SCENARIOS.find((each) => each === scenario);
  if (!name)
    throw new ArgumentError(`--scenario is "${scenario ?? ''}", and must be ${SCENARIOS.join(' or ')}`);
  if (brokers !== undefined || minutes !== undefined)
    throw new ArgumentError(
      'a scenario has one broker and takes its time: leave --brokers and --minutes out',
    );
  const count = Number(events ?? SCENARIO_EVENTS);
  if (!Number.isSafeInteger(count) || count < 1_000)
    throw new ArgumentError(`--events is "${events ?? ''}", and must be a whole number, 1000 or more`);
  return { name, events: count };
}
