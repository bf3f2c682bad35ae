import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../python/', import.meta.url));

export type PythonLibrary = 'Segment' | 'RudderStack';

/** The libraries for Python, in an environment of their own. */
export class PythonSender {
  private constructor(private readonly folder: string) {}

  /** Makes the environment, and installs the libraries into it. */
  static async install(): Promise<PythonSender> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-python-'));
    await run('python3', ['-m', 'venv', folder]).catch((cause: unknown) => {
      throw new Error('the test needs python3 with its module venv', { cause });
    });
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '-r', join(project, 'requirements.txt')]);
    return new PythonSender(folder);
  }

  /** Sends; answers the lines of what the library could not send. */
  async send(
    library: PythonLibrary,
    url: string,
    key: string,
    what: 'all' | 'refused',
  ): Promise<readonly string[]> {
    const args = [join(project, 'sender.py'), library, url, key, what];
    const { stdout } = await run(join(this.folder, 'bin/python'), args);
    return stdout.trim().split('\n').filter(Boolean);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
