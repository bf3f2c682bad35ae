import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exported, put, type ApiFault } from './api.js';
import type { Command } from './arguments.js';
import { ConfigError } from './config.errors.js';
import { readDefinitions, type Definitions } from './documents.js';
import { readFiles } from './files.js';
import { planText } from './plan-text.js';
import { rewritten, written } from './written.js';

/** What a command is run with. */
export interface Surroundings {
  readonly say: (text: string) => void;
  /** Asks a question that is answered by yes or no; undefined: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that paths are relative to. */
  readonly folder: string;
}

const THERE_ARE_CHANGES = 2;

/**
 * Does what a command says; resolves with the exit code.
 *
 * @throws ConfigError it cannot be done
 */
export async function config(command: Command, surroundings: Surroundings): Promise<number> {
  if (command.name === 'export') return exportTo(command, surroundings);
  const { say, environment, folder } = surroundings;
  const { api, prune } = command;
  const read = readDefinitions(await readFiles(command.files, folder), environment);
  if (!read.ok) throw new ConfigError(read.error);
  const planned = await put(api, read.value.body, { prune });
  if (!planned.ok) throw new ConfigError(linesOf(planned.error, read.value));
  const { plan } = planned.value;
  say(planText(plan));
  if (plan.changes.length === 0) return 0;
  if (command.name === 'plan') return command.tellsChanges ? THERE_ARE_CHANGES : 0;
  await confirm(command.yes, surroundings);
  const { digest } = plan;
  const { reason } = command;
  const applied = await put(api, read.value.body, {
    prune,
    digest,
    ...(reason === undefined ? {} : { reason }),
  });
  if (!applied.ok) throw new ConfigError(linesOf(applied.error, read.value));
  say(applied.value.isUnderWay ? 'kept, and in force when Kafka has it' : 'applied');
  return 0;
}

async function exportTo(
  { api, output, withKeys }: Extract<Command, { readonly name: 'export' }>,
  { say, folder }: Surroundings,
): Promise<number> {
  const definitions = await exported(api, withKeys);
  if (output === undefined) {
    say(written(definitions).trimEnd());
    return 0;
  }
  const place = resolve(folder, output);
  const before = await readFile(place, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError([`${output} cannot be read`], { cause: error });
  });
  const text =
    before === undefined
      ? written(definitions)
      : rewritten({ name: output, text: before }, definitions, withKeys ? [] : ['writeKeys']);
  if (text !== before) await writeFile(place, text);
  say(text === before ? `${output} is as it was` : `written to ${output}`);
  return 0;
}

async function confirm(yes: boolean, { ask }: Surroundings): Promise<void> {
  if (yes) return;
  if (!ask) throw new ConfigError(['nothing was changed: there is nobody to ask, so say --yes']);
  if (!(await ask('Apply? [y/N] '))) throw new ConfigError(['nothing was changed']);
}

function linesOf(faults: readonly ApiFault[], { locate }: Definitions): readonly string[] {
  return faults.map(({ field, message }) => {
    if (field === undefined) return message;
    const at = locate(field);
    return `${at === undefined ? '' : `${at}: `}${field} ${message}`;
  });
}
