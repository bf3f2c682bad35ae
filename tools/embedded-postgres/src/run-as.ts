import { access, chown, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { RootError } from './embedded-postgres.errors.js';

/** Runs programs as a user that PostgreSQL accepts. */
export interface RunAs {
  /** What comes before the program and its arguments. */
  readonly before: readonly string[];
  /** Gives that user a file or folder of ours. */
  own(path: string): Promise<void>;
}

const PEOPLE: RunAs = { before: [], own: () => Promise.resolve() };

/**
 * Ourselves; where we are root, whom PostgreSQL refuses, as in most containers, the user `nobody`, who keeps of root's
 * rights the one to pass folders that are root's alone.
 *
 * @throws RootError
 */
export async function runAs(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return PEOPLE;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  if (uid === undefined || gid === undefined) throw new RootError('there is no user "nobody"');
  if (!(await isOnPath('setpriv'))) throw new RootError('"setpriv" (util-linux) is not on PATH');
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return {
    before: ['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', ...rights],
    own: (path) => chown(path, Number(uid), Number(gid)),
  };
}

async function isOnPath(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const there = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
