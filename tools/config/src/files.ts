import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { ConfigError, reasonOf } from './config.errors.js';

/** A file and what it holds. */
export interface FileText {
  /** As a reader finds it: from where the command was run. */
  readonly name: string;
  readonly text: string;
}

const YAML = /\.ya?ml$/;
/** The api takes half of it. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * What files, and the files of folders, hold: folders in the order of names.
 *
 * @throws ConfigError one cannot be read, or all together are too large
 */
export async function readFiles(paths: readonly string[], from: string): Promise<readonly FileText[]> {
  const files: FileText[] = [];
  let bytes = 0;
  for (const path of paths) {
    for (const name of await namesIn(path, from)) {
      const text = name === '-' ? await textOf(process.stdin) : await read(resolve(from, name), name);
      bytes += Buffer.byteLength(text);
      if (bytes > MOST_BYTES)
        throw new ConfigError([`${name}: the files take more than ${MOST_BYTES} bytes together`]);
      files.push({ name: name === '-' ? 'stdin' : name, text });
    }
  }
  return files;
}

async function namesIn(path: string, from: string): Promise<readonly string[]> {
  if (path === '-') return [path];
  const place = resolve(from, path);
  const found = await stat(place).catch((error: unknown) => {
    throw new ConfigError([`${path} cannot be read: ${reasonOf(error)}`], { cause: error });
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && YAML.test(entry.name))
    .map((entry) => relative(from, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(/[/\\]/).some((part) => /^\.[^.]/.test(part) || part === 'node_modules'))
    .sort();
  if (names.length === 0) throw new ConfigError([`${path} has no .yaml or .yml file`]);
  return names;
}

async function read(place: string, name: string): Promise<string> {
  return readFile(place, 'utf8').catch((error: unknown) => {
    throw new ConfigError([`${name} cannot be read: ${reasonOf(error)}`], { cause: error });
  });
}
