import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { linesOf, PATIENCE_MS, type Maker, type Sender, type What } from './sender.js';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../python/', import.meta.url));

/** The libraries for Python, in an environment of their own. */
export class PythonSender implements Sender {
  private constructor(private readonly folder: string) {}

  /** Makes the environment, and installs the libraries into it. */
  static async install(): Promise<PythonSender> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-python-'));
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '-r', join(project, 'requirements.txt')]);
    return new PythonSender(folder);
  }

  async send(maker: Maker, url: string, writeKey: string, what: What): Promise<readonly string[]> {
    const args = [join(project, 'sender.py'), maker, url, writeKey, what];
    const { stdout } = await run(join(this.folder, 'bin/python'), args, { timeout: PATIENCE_MS });
    return linesOf(stdout);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
