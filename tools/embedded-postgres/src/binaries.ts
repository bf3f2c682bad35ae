import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NoBinariesError } from './embedded-postgres.errors.js';

/** The programs of one PostgreSQL. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Those of another PostgreSQL, such as Debian's. */
export function binariesIn(folder: string): Binaries {
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/**
 * PostgreSQL 18 for this machine, as npm has brought it. npm's archives hold no symbolic links, by which its programs
 * find their libraries: those that are missing are made.
 *
 * @throws NoBinariesError
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let found: Binaries;
  try {
    found = (await import(name)) as Binaries;
    await linkLibraries(join(dirname(found.postgres), '../..'));
  } catch (cause) {
    throw new NoBinariesError(name, { cause });
  }
  return found;
}

async function linkLibraries(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const [, name = ''] = /([^/]+)$/.exec(source) ?? [];
    if (dirname(source) !== dirname(target)) continue;
    await symlink(name, join(folder, target)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}
