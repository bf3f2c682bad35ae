import { parseArgs } from 'node:util';
import type { BrokerCount } from './brokers.js';
import { ArgumentError } from './crash-test.errors.js';

/** What the command line asks for. */
export interface Arguments {
  readonly minutes: number;
  readonly seed: number;
  readonly brokers: BrokerCount;
}

/**
 * Reads `--minutes N --seed S --brokers 1|3`. A seed that is not given is chosen by the caller.
 *
 * @throws ArgumentError saying what would be right
 */
export function readArguments(args: readonly string[], anySeed: number): Arguments {
  let values: Readonly<Partial<Record<'minutes' | 'seed' | 'brokers', string | undefined>>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { minutes: { type: 'string' }, seed: { type: 'string' }, brokers: { type: 'string' } },
    }));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentError(`${what}; usage: npm run crash-test -- [--minutes N] [--seed S] [--brokers 1|3]`);
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
  return { minutes, seed, brokers: brokers === '1' ? 1 : 3 };
}
