import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { linesOf, PATIENCE_MS, type Maker, type Sender, type What } from './sender.js';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../go/', import.meta.url));

/** How the program for Segment's library reads for RudderStack's, which was made of it. */
const FOR_RUDDERSTACK: readonly (readonly [RegExp, string])[] = [
  [/github\.com\/segmentio\/analytics-go\/v3/g, 'github.com/rudderlabs/analytics-go/v4'],
  [/\bEndpoint:/g, 'DataPlaneUrl:'],
  [/\bTimestamp:/g, 'OriginalTimestamp:'],
];

/** The libraries for Go, in a module of their own. */
export class GoSender implements Sender {
  private constructor(private readonly folder: string) {}

  /** Makes the module, and builds a program with each library. */
  static async install(): Promise<GoSender> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-go-'));
    for (const name of ['go.mod', 'go.sum']) await copyFile(join(project, name), join(folder, name));
    const segment = await readFile(join(project, 'sender.go'), 'utf8');
    const rudder = FOR_RUDDERSTACK.reduce((text, [from, to]) => text.replace(from, to), segment);
    await writeProgram(folder, 'Segment', segment);
    await writeProgram(folder, 'RudderStack', rudder);
    await run('go', ['build', '-o', 'bin/', './Segment', './RudderStack'], { cwd: folder });
    return new GoSender(folder);
  }

  async send(maker: Maker, url: string, writeKey: string, what: What): Promise<readonly string[]> {
    const { stdout } = await run(join(this.folder, 'bin', maker), [url, writeKey, what], {
      timeout: PATIENCE_MS,
    });
    return linesOf(stdout);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function writeProgram(folder: string, maker: Maker, program: string): Promise<void> {
  await mkdir(join(folder, maker));
  await writeFile(join(folder, maker, 'main.go'), program);
}
