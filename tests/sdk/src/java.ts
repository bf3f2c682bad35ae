import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHash } from 'node:crypto';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../java/', import.meta.url));
const cache = fileURLToPath(new URL('../../../node_modules/.cache/tributary/', import.meta.url));

/** How the program for Segment's library reads for RudderStack's, which was made of it. */
const FOR_RUDDERSTACK: readonly (readonly [string | RegExp, string])[] = [
  [/com\.segment\.analytics\.Analytics/g, 'com.rudderstack.sdk.java.analytics.RudderAnalytics'],
  [/com\.segment\.analytics/g, 'com.rudderstack.sdk.java.analytics'],
  [/\bAnalytics\b/g, 'RudderAnalytics'],
  ['.endpoint(', '.setDataPlaneUrl('],
];

/** The jars of both libraries, which Maven fetches once for each content of `pom.xml`. */
async function jars(): Promise<string> {
  const pom = await readFile(join(project, 'pom.xml'));
  const folder = join(cache, `sdk-java-${createHash('sha256').update(pom).digest('hex').slice(0, 12)}`);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  const arriving = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  const goal = ['-q', '-B', 'dependency:copy-dependencies', '-f', join(project, 'pom.xml')];
  await run('mvn', [...goal, `-DoutputDirectory=${arriving}`]);
  await rename(arriving, folder);
  return folder;
}

/** A program that sends with a library for Java. */
export class JavaSender {
  private constructor(
    private readonly folder: string,
    private readonly classPath: string,
  ) {}

  static async with(library: 'Segment' | 'RudderStack'): Promise<JavaSender> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-java-'));
    const classPath = join(await jars(), '*');
    const source = await readFile(join(project, 'Sender.java'), 'utf8');
    const changes = library === 'Segment' ? [] : FOR_RUDDERSTACK;
    const program = changes.reduce((text, [from, to]) => text.replace(from, to), source);
    const file = join(folder, 'Sender.java');
    await writeFile(file, program);
    await run('javac', ['-nowarn', '-encoding', 'UTF-8', '-cp', classPath, '-d', folder, file]);
    return new JavaSender(folder, classPath);
  }

  /** Sends; answers the lines of what the library said. */
  async send(url: string, writeKey: string, what: 'all' | 'refused'): Promise<readonly string[]> {
    const classPath = `${this.folder}:${this.classPath}`;
    const { stdout } = await run('java', ['-cp', classPath, 'Sender', url, writeKey, what]);
    return stdout.trim().split('\n');
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
