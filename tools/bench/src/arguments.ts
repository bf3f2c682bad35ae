import { parseArgs, type ParseArgsConfig } from 'node:util';
import { BenchError } from './bench.errors.js';

/** What was asked for on the command line. Absent bounds: each benchmark has its own. */
export interface BenchArguments {
  /** Of one benchmark; absent: all. */
  readonly name?: string;
  /** Runs nothing: writes the page of the figures that were measured last. */
  readonly writeDocs: boolean;
  /** Events of a run. */
  readonly events?: number;
  readonly runs?: number;
  /** Of whom the events are: of new visitors unless given. */
  readonly traffic?: 'visits' | 'returning';
  /** How many profiles are there before the runs, ascending. */
  readonly profiles?: readonly number[];
  /** How many identifiers are there before the runs, ascending; 0 may be one. */
  readonly identifiers?: readonly number[];
  /** Of the identifier that meets everybody: how many. */
  readonly supernode?: number;
  /** Events a second. */
  readonly rates?: readonly number[];
  /** Events a second beside what is measured. */
  readonly beside?: number;
  /** How long load at a fixed rate lasts. */
  readonly seconds?: number;
  /** After so long a benchmark is given up. */
  readonly minutes: number;
}

const OPTIONS = {
  events: { type: 'string' },
  runs: { type: 'string' },
  traffic: { type: 'string' },
  profiles: { type: 'string' },
  identifiers: { type: 'string' },
  supernode: { type: 'string' },
  rates: { type: 'string' },
  beside: { type: 'string' },
  seconds: { type: 'string' },
  minutes: { type: 'string', default: '60' },
  'write-docs': { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

/** @throws BenchError when an option is unknown, or is not made of positive whole numbers */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parse(args);
  if (positionals.length > 1)
    throw new BenchError(`one benchmark or all of them, and there are ${positionals.length} names`);
  const [name] = positionals;
  const one = (option: 'events' | 'runs' | 'seconds' | 'supernode' | 'beside') =>
    values[option] === undefined ? {} : { [option]: count(option, values[option]) };
  const several = (option: 'profiles' | 'rates' | 'identifiers', least = 1) =>
    values[option] === undefined ? {} : { [option]: counts(option, values[option], least) };
  return {
    ...(name === undefined ? {} : { name }),
    writeDocs: values['write-docs'],
    minutes: count('minutes', values.minutes),
    ...(values.traffic === undefined ? {} : { traffic: trafficOf(values.traffic) }),
    ...one('events'),
    ...one('runs'),
    ...one('seconds'),
    ...one('supernode'),
    ...one('beside'),
    ...several('profiles'),
    ...several('identifiers', 0),
    ...several('rates'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function trafficOf(text: string): 'visits' | 'returning' {
  if (text === 'visits' || text === 'returning') return text;
  throw new BenchError(`--traffic is "${text}", and must be visits or returning`);
}

function count(option: string, text: string, least = 1): number {
  if (/^(0|[1-9]\d{0,8})$/.test(text) && Number(text) >= least) return Number(text);
  const right = least === 0 ? 'a whole number' : 'a positive whole number';
  throw new BenchError(`--${option} is "${text}", and must be ${right}`);
}

function counts(option: string, text: string, least: number): readonly number[] {
  return text
    .split(',')
    .map((part) => count(option, part, least))
    .sort((a, b) => a - b);
}
