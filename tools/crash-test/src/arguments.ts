import { parseArgs } from 'node:util';
import { ArgumentError } from './crash-test.errors.js';

/** What the command line asks for. */
export interface Arguments {
  readonly minutes: number;
  readonly seed: number;
}

/**
 * Reads `--minutes N --seed S`. A seed that is not given is chosen by the caller.
 *
 * @throws ArgumentError saying what would be right
 */
export function readArguments(args: readonly string[], anySeed: number): Arguments {
  let values: { readonly minutes?: string | undefined; readonly seed?: string | undefined };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { minutes: { type: 'string' }, seed: { type: 'string' } },
    }));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentError(`${what}; usage: npm run crash-test -- [--minutes N] [--seed S]`);
  }
  const minutes = Number(values.minutes ?? 3);
  if (!(minutes > 0)) throw new ArgumentError(`--minutes is "${values.minutes ?? ''}", and must be above 0`);
  const seed = Number(values.seed ?? anySeed);
  if (!Number.isSafeInteger(seed)) {
    throw new ArgumentError(`--seed is "${values.seed ?? ''}", and must be a whole number`);
  }
  return { minutes, seed };
}
