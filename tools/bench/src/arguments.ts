import { parseArgs } from 'node:util';
import { BenchError } from './bench.errors.js';

/** What was asked for on the command line. */
export interface BenchArguments {
  /** Of one benchmark; absent: all. */
  readonly name?: string | undefined;
  readonly events: number;
  readonly runs: number;
}

const DEFAULT_EVENTS = 60_000;
const DEFAULT_RUNS = 2;

/** @throws BenchError when an option is unknown or no positive whole number */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parse(args);
  return {
    name: positionals[0],
    events: count('events', values.events, DEFAULT_EVENTS),
    runs: count('runs', values.runs, DEFAULT_RUNS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { events: { type: 'string' }, runs: { type: 'string' } },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function count(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new BenchError(`--${option} is "${text}", and must be a positive whole number`);
  return Number(text);
}
