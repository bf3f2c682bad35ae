import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ChecksumError, DownloadError, MavenMissingError } from './embedded-kafka.errors.js';

const here = dirname(fileURLToPath(import.meta.url));
const projectDir = join(here, '..');
const jarsDir = join(projectDir, '../../node_modules/.cache/tributary/kafka-4.2.0');

async function expectedChecksums(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(join(projectDir, 'checksums.sha256'), 'utf8')).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [sum = '', name = ''] = line.split(/\s+/);
      return [name, sum];
    }),
  );
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.jar'));
}

/** The jars that are missing, damaged or not listed; 45 MB are read in 0.1 s, at every start. */
async function wrongJars(dir: string, expected: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const wrong: string[] = [];
  const present = await namesIn(dir);
  for (const name of new Set([...expected.keys(), ...present])) {
    const bytes = await readFile(join(dir, name)).catch(() => Buffer.alloc(0));
    if (createHash('sha256').update(bytes).digest('hex') !== expected.get(name)) wrong.push(name);
  }
  return wrong;
}

function runMaven(outputDirectory: string): Promise<void> {
  const goal = 'dependency:copy-dependencies';
  const args = ['-q', '-B', goal, '-f', join(projectDir, 'pom.xml'), `-DoutputDirectory=${outputDirectory}`];
  return new Promise((resolve, reject) => {
    const maven = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    maven.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    maven.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    maven.on('error', (cause) => {
      reject(new MavenMissingError({ cause }));
    });
    maven.on('close', (code) => {
      const reason =
        output.split('\n').find((line) => line.includes('ERROR')) ?? `mvn ended with ${code ?? -1}`;
      if (code === 0) resolve();
      else reject(new DownloadError(reason));
    });
  });
}

async function fetchInto(dir: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const arriving = `${dir}.${process.pid}.partial`;
  const replaced = `${dir}.${process.pid}.replaced`;
  try {
    await mkdir(arriving, { recursive: true });
    await runMaven(arriving);
    const wrong = await wrongJars(arriving, expected);
    if (wrong.length > 0) throw new ChecksumError(wrong);
    await rename(dir, replaced).catch(() => undefined);
    await rename(arriving, dir).catch(async (error: unknown) => {
      // Another process may have finished first.
      if ((await wrongJars(dir, expected)).length > 0) throw error;
    });
  } finally {
    await rm(arriving, { recursive: true, force: true });
    await rm(replaced, { recursive: true, force: true });
  }
}

/** How the broker's jars are made ready. */
export interface PrepareKafkaOptions {
  /** Where they lie. Default: the cache below `node_modules`. */
  readonly dir?: string;
  /** Takes a line for people when they must be fetched. Default: none. */
  readonly say?: ((line: string) => void) | undefined;
}

/**
 * Makes sure that the jars of Apache Kafka 4.2.0 lie in their folder and answers it. They are fetched by Maven when they
 * do not match `checksums.sha256` byte for byte, be they missing or damaged; what was fetched must match. The folder
 * appears whole or not at all, so a fetch that was cut off is simply begun again.
 *
 * @throws MavenMissingError, DownloadError, ChecksumError
 */
export async function prepareKafka(options: PrepareKafkaOptions = {}): Promise<string> {
  const { dir = jarsDir, say } = options;
  const expected = await expectedChecksums();
  if ((await wrongJars(dir, expected)).length > 0) {
    say?.('fetching Apache Kafka 4.2.0 with Maven (once, 43 MB) …');
    await fetchInto(dir, expected);
  }
  return dir;
}
