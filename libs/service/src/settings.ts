import { failed, ok, type Result } from '@tributary/kernel';
import { fileProblems, type FileContent } from './settings-files.js';
import type { TObject, TSchema } from 'typebox';
import Value from 'typebox/value';
import {
  COMMON_SETTINGS,
  DEV_API_TOKEN,
  DEV_WRITE_KEY,
  type CommonConfig,
  type Config,
} from './settings.config.js';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

type AskedByValue = Readonly<Record<string, readonly string[]>>;

interface Described extends TSchema {
  /** Which others must be set where this one is: always, or by its value. */
  readonly asks?: readonly string[] | AskedByValue;
  /** The value is the name of a file with this in it. */
  readonly file?: FileContent;
  readonly default?: unknown;
  readonly description?: string;
  readonly secret?: boolean;
  readonly examples?: readonly string[];
  readonly enum?: readonly unknown[];
}

/**
 * Reads a service's settings from the environment: its own and the common ones. Text becomes numbers and booleans
 * where the schema says so. The error is one line for each setting that is wrong: all of them, not the first.
 */
export function readSettings<S extends TObject>(
  settings: S,
  environment: Environment,
): Result<Config<S>, readonly string[]> {
  const schemas: Record<string, Described> = {
    ...(COMMON_SETTINGS.properties as Record<string, Described>),
    ...settings.properties,
  };
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const text = environment[name] === '' ? undefined : environment[name];
    if (text === undefined) {
      if ('default' in schema) config[name] = schema.default;
      else if (!('~optional' in schema)) problems.push(`${name} is not set: ${expected(schema)}`);
      continue;
    }
    const value = converted(schema, text);
    if (Value.Check(schema, value)) config[name] = value;
    else problems.push(`${name} ${wrong(schema, text, value)}: ${expected(schema)}`);
  }
  if (problems.length > 0) return failed(problems);
  const common = config as CommonConfig;
  const wrongTogether = [...devSecrets(common), ...missingCompany(schemas, config)];
  const wrongAtLast = wrongTogether.length > 0 ? wrongTogether : fileProblems(schemas, config);
  return wrongAtLast.length > 0 ? failed(wrongAtLast) : ok(config as Config<S>);
}

/** Whole numbers are not cut out of fractions, nor numbers out of text that only begins like one. */
function converted(schema: Described, text: string): unknown {
  const { type } = schema as { readonly type?: unknown };
  if (type === 'integer' || type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return Value.Convert(schema, text);
}

function wrong(schema: Described, text: string, value: unknown): string {
  const reason = Value.Errors(schema, value).at(-1)?.message ?? 'does not match';
  return schema.secret ? reason : `${reason}, and is "${text}"`;
}

function expected(schema: Described): string {
  const choices = schema.enum?.map(String).join(', ');
  const example = schema.examples?.[0];
  return [
    schema.description ?? 'see docs/configuration.md',
    ...(choices ? [`one of ${choices}`] : []),
    ...(example === undefined ? [] : [`for example ${example}`]),
  ].join('; ');
}

/** The settings that must be set where others are, as their schemas say. */
function missingCompany(
  schemas: Readonly<Record<string, Described>>,
  config: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(schemas).flatMap(([name, { asks = [] }]) => {
    const value = config[name] as string | number | boolean | undefined;
    if (value === undefined) return [];
    const isList = Array.isArray(asks);
    const asked = isList ? (asks as readonly string[]) : ((asks as AskedByValue)[String(value)] ?? []);
    const given = isList ? `${name} is` : `${name} is ${String(value)}`;
    return asked.filter((other) => !config[other]).map((other) => `${other} is not set, and ${given}`);
  });
}

function devSecrets(config: CommonConfig): readonly string[] {
  if (isLoopback(config.BIND_ADDRESS)) return [];
  const dev = { TRIBUTARY_WRITE_KEY: DEV_WRITE_KEY, TRIBUTARY_API_TOKEN: DEV_API_TOKEN } as const;
  return (['TRIBUTARY_WRITE_KEY', 'TRIBUTARY_API_TOKEN'] as const)
    .filter((name) => config[name] === dev[name])
    .map(
      (name) =>
        `${name} has its development value and BIND_ADDRESS is ${config.BIND_ADDRESS}: ` +
        'set a secret of your own, or bind to 127.0.0.1',
    );
}

/** Whether an address of a listener is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}
