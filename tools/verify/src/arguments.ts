import { parseArgs } from 'node:util';
import { SUBJECTS } from './report.js';
import type { VerifyOptions } from './verify.js';
import { VerifyError } from './verify.errors.js';

const USAGE = `npm run verify -- [identity|profiles|audiences] [options]

Recomputes identity, profiles and audiences from the event log and compares with what was streamed: topics, tables
and api. It only reads. Exit code 1 where something differs.

  --only identity|profiles|audiences   the same as the word alone
  --sample SHARE       compare this share of the profiles, such as 0.1
  --at INSTANT         evaluate audiences as of this instant, such as 2026-01-02T03:04:05Z; left out are those about whom
                       events came after it, or less than --settle before it
  --settle SECONDS     how long the pipeline may take to come to the cut, and a difference to vanish (60)
  --keep COUNT         how many differences are listed (20)

The platform is found by KAFKA_BROKERS (with KAFKA_TLS and KAFKA_SASL_*), CLICKHOUSE_URL, CLICKHOUSE_DATABASE, API_PORT
and TRIBUTARY_API_TOKEN, as by npm start.`;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What was asked for; the text of the help where that was asked for.
 *
 * @throws VerifyError when an option is unknown, or its value cannot be
 */
export function readArguments(args: readonly string[], environment: Environment): VerifyOptions | string {
  const { values, positionals } = parse(args);
  if (values.help === true) return USAGE;
  const setting = (name: string, usual: string) => {
    const text = environment[name];
    return text === undefined || text === '' ? usual : text;
  };
  return {
    brokers: setting('KAFKA_BROKERS', `127.0.0.1:${setting('KAFKA_PORT', '9092')}`),
    clickhouseUrl: setting('CLICKHOUSE_URL', `http://127.0.0.1:${setting('CLICKHOUSE_PORT', '8123')}`),
    clickhouseDatabase: setting('CLICKHOUSE_DATABASE', 'tributary'),
    api: {
      url: `http://127.0.0.1:${setting('API_PORT', '8081')}`,
      token: setting('TRIBUTARY_API_TOKEN', 'dev-api-token'),
    },
    only: subject(values.only ?? positionals[0]),
    sample: number('sample', values.sample, 0, 1),
    at: instant(values.at),
    settleMs: seconds(values.settle),
    keep: number('keep', values.keep, 0, 1_000_000),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: text,
        sample: text,
        at: text,
        settle: text,
        keep: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new VerifyError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
}

function subject(text: string | undefined) {
  const subjects = SUBJECTS.filter((name) => name !== 'events');
  const found = subjects.find((name) => name === text);
  if (text === undefined || found) return found;
  throw new VerifyError(`nothing is called "${text}" here: one of ${subjects.join(', ')}`);
}

function number(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new VerifyError(`--${option} is "${text}", and must be a number from ${least} to ${most}`);
}

function seconds(text: string | undefined): number | undefined {
  const value = number('settle', text, 0, 86_400);
  return value === undefined ? undefined : value * 1_000;
}

function instant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Date.parse(text);
  if (!Number.isNaN(value)) return value;
  throw new VerifyError(`--at is "${text}", and must be an instant such as 2026-01-02T03:04:05Z`);
}
