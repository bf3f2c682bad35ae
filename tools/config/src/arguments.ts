import { parseArgs } from 'node:util';
import { ConfigError, reasonOf } from './config.errors.js';

const USAGE = `npm run config -- export [-o FILE] [--write-keys]
npm run config -- plan -f FILE [--prune] [--detailed-exitcode]
npm run config -- apply -f FILE [--prune] [--yes] [--reason TEXT]

Keeps the definitions of a workspace (sources with their plans, audiences, rules of identity, splits) in files of YAML.

  -f FILE              a file, a folder with .yaml and .yml files, or - for what comes in; may be there several times
  -o FILE              where to write; in a file that is there, what is the same stays as it is, with its comments
  --workspace ID       which workspace, for the token of the installation; other tokens belong to one
  --write-keys         with the write keys of sources, which are left out otherwise
  --prune              remove what is there and not in the files, of the kinds that the files have
  --yes                do not ask
  --reason TEXT        why, kept with each version
  --detailed-exitcode  plan ends with 2 where there is something to change

Ends with 0, or with 1 where something is wrong. The api is found by TRIBUTARY_API_URL (http://127.0.0.1:8081) and
TRIBUTARY_API_TOKEN; \${NAME} for a secret or a write key in a file is taken from the environment.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the api is. */
export interface Api {
  readonly url: string;
  readonly token: string;
  /** Absent: the one of the token. */
  readonly workspace?: string;
}

/** What is to be done. */
export type Command = { readonly api: Api } & (
  | { readonly name: 'export'; readonly output: string | undefined; readonly withKeys: boolean }
  | {
      readonly name: 'plan' | 'apply';
      readonly files: readonly string[];
      readonly prune: boolean;
      readonly yes: boolean;
      readonly reason: string | undefined;
      readonly tellsChanges: boolean;
    }
);

/**
 * What was asked for; the text of the help where that was asked for.
 *
 * @throws ConfigError what is asked for cannot be
 */
export function readArguments(args: readonly string[], environment: Environment): Command | string {
  const { values, positionals } = parse(args);
  const [name, ...rest] = positionals;
  if (values.help === true) return USAGE;
  if (name === undefined || rest.length > 0) throw new ConfigError([USAGE]);
  const { workspace } = values;
  const api = { ...apiIn(environment), ...(workspace === undefined ? {} : { workspace }) };
  if (name === 'export') return { name, api, output: values.output, withKeys: values['write-keys'] ?? false };
  if (name !== 'plan' && name !== 'apply')
    throw new ConfigError([`there is no command "${name}": export, plan or apply`]);
  const files = values.file ?? [];
  if (files.length === 0) throw new ConfigError([`${name} needs -f with a file or a folder`]);
  return {
    name,
    api,
    files,
    prune: values.prune ?? false,
    yes: values.yes ?? false,
    reason: values.reason,
    tellsChanges: values['detailed-exitcode'] ?? false,
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: 'string', short: 'f', multiple: true },
        output: { type: 'string', short: 'o' },
        workspace: { type: 'string' },
        'write-keys': flag,
        prune: flag,
        yes: { type: 'boolean', short: 'y' },
        reason: { type: 'string' },
        'detailed-exitcode': flag,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new ConfigError([reasonOf(error), '', USAGE], { cause: error });
  }
}

function apiIn(environment: Environment): Api {
  const setting = (name: string, usual: string) => {
    const text = environment[name];
    return text === undefined || text === '' ? usual : text;
  };
  const url = setting('TRIBUTARY_API_URL', `http://127.0.0.1:${setting('API_PORT', '8081')}`);
  if (!URL.canParse(url)) throw new ConfigError([`TRIBUTARY_API_URL is "${url}", and must be an address`]);
  return { url: url.replace(/\/+$/, ''), token: setting('TRIBUTARY_API_TOKEN', 'dev-api-token') };
}
