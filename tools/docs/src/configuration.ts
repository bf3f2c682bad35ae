import { EXITS } from '@tributary/service';
import type { TSchema } from 'typebox';
import { table } from './table.js';

/** The settings of one program: environment variable → schema. */
export interface ProgramSettings {
  readonly program: string;
  readonly settings: Readonly<Record<string, TSchema>>;
}

interface Described {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
}

/** The page of all settings: those that every service has, then each program's own. */
export function configurationPage(common: ProgramSettings, programs: readonly ProgramSettings[]): string {
  const sections = [
    section('Every service', common.settings),
    ...programs
      .map(({ program, settings }) => ({
        program,
        own: Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in common.settings))),
      }))
      .filter(({ own }) => Object.keys(own).length > 0)
      .map(({ program, own }) => section(`\`${program}\``, own)),
  ];
  return [
    '# Configuration',
    'Everything is set by environment variables, and checked at start: a program that is set wrongly names all that is ' +
      'wrong and ends. `npm start -- --validate` checks and does nothing else. A variable that is empty counts as not set. ' +
      '`NODE_OPTIONS` is not passed on to the services. ' +
      'This page is generated from the schemas that check them (`npm run docs`).',
    ...sections,
    ends(),
    '',
  ].join('\n\n');
}

function ends(): string {
  const rows = Object.values(EXITS).map(([exit, meaning]) => [code(exit), meaning]);
  return [
    '## How a service is, and how it ends',
    '`GET /health/live` answers while the process runs. `GET /health/ready` asks each part of the service: `ok` and ' +
      '`degraded` come with 200, `error` with 503; `details` says of each part whether it is `up`, `degraded` or `down`, and why.',
    table(['exit code', 'meaning'], rows),
  ].join('\n\n');
}

function section(title: string, settings: Readonly<Record<string, TSchema>>): string {
  const rows = Object.entries(settings).map(([name, schema]) => row(name, schema));
  return [`## ${title}`, '', '| variable | default | values | meaning |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function row(name: string, schema: TSchema): string {
  const described = schema as Described;
  const cells = [
    code(name),
    'default' in described ? code(described.default) : isOptional(schema),
    values(described),
    described.description ?? '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function isOptional(schema: TSchema): string {
  return '~optional' in schema ? 'not set' : 'required';
}

function values({ type, enum: choices, minimum, maximum, pattern, examples }: Described): string {
  if (choices) return choices.map(code).join(', ');
  const bounds = [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(pattern === undefined ? [] : [`matching ${code(pattern)}`]),
    ...(examples?.[0] === undefined ? [] : [`such as ${code(examples[0])}`]),
  ];
  return [type === 'string' ? 'text' : (type ?? ''), ...bounds].filter(Boolean).join(', ');
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
