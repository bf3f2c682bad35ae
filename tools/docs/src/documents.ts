import { TOPICS } from '@tributary/contracts';
import { COMMON_SETTINGS } from '@tributary/service';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { pathToFileURL } from 'node:url';
import type { TObject } from 'typebox';
import { stringify } from 'yaml';
import { asyncApiDocument } from './asyncapi.js';
import { collectorRoutes, errorLists, publicTables } from './closed-lists.js';
import type { Code } from './code.js';
import { configurationPage, type ProgramSettings } from './configuration.js';
import { errorsPage } from './errors.js';
import { routesPage } from './routes.js';
import { tablesPage } from './tables.js';

const EXTENSION = { dist: '.config.js', src: '.config.ts' } as const;

/** The generated documents: path from the repository's root → content. */
export async function documents(root: string, code: Code): Promise<ReadonlyMap<string, string>> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const asyncApi = asyncApiDocument(TOPICS, version, await exampleMessages(root));
  const common = { program: 'every service', settings: COMMON_SETTINGS.properties };
  const contents = new Map([
    ['docs/asyncapi.yaml', stringify(asyncApi, { aliasDuplicateObjects: false })],
    ['docs/configuration.md', configurationPage(common, await programSettings(root, code))],
    ['docs/errors.md', errorsPage(await errorLists(root, code))],
    ['docs/tables.md', tablesPage(await tablesProse(root), await publicTables(root, code))],
    ['docs/routes.md', routesPage(await collectorRoutes(root, code))],
  ]);
  const formatted = [...contents].map(async ([path, content]): Promise<[string, string]> => {
    const filepath = join(root, path);
    return [path, await format(content, { ...(await resolveConfig(filepath)), filepath })];
  });
  return new Map(await Promise.all(formatted));
}

/** What is said of the tables beside their columns. */
function tablesProse(root: string): Promise<string> {
  return readFile(join(root, 'tools/docs/src/tables-page.md'), 'utf8');
}

/** The frozen fixtures are the examples: `event@1.json` is a value of `event@1`. */
async function exampleMessages(root: string): Promise<ReadonlyMap<string, unknown>> {
  const folder = join(root, 'libs/contracts/fixtures');
  const files = (await readdir(folder)).filter((file) => /^[^.]+\.json$/.test(file));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, unknown]> => {
        return [file.slice(0, -'.json'.length), JSON.parse(await readFile(join(folder, file), 'utf8'))];
      }),
    ),
  );
}

/** A program's settings are the exports named `…_SETTINGS` of its `….config` files, which do nothing when loaded. */
async function programSettings(root: string, code: Code): Promise<readonly ProgramSettings[]> {
  const apps = (await readdir(join(root, 'apps')))
    .sort()
    .map((app) => ({ program: app, folder: `apps/${app}` }));
  const programs = [...apps, { program: 'npm start', folder: 'tools/supervisor' }];
  const found = await Promise.all(
    programs.map(async ({ program, folder }) => ({
      program,
      settings: await settingsIn(join(root, folder, code), code),
    })),
  );
  return found.filter(({ settings }) => Object.keys(settings).length > 0);
}

async function settingsIn(folder: string, code: Code): Promise<ProgramSettings['settings']> {
  const files = (await readdir(folder, { recursive: true }).catch(() => []))
    .filter((file) => file.endsWith(EXTENSION[code]))
    .sort();
  const settings: Record<string, TObject['properties'][string]> = {};
  for (const file of files) {
    const exported = (await import(pathToFileURL(join(folder, file)).href)) as Readonly<
      Record<string, unknown>
    >;
    for (const [name, value] of Object.entries(exported)) {
      if (name.endsWith('_SETTINGS')) Object.assign(settings, (value as TObject).properties);
    }
  }
  return settings;
}
