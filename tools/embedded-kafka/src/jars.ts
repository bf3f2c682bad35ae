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

async function verify(dir: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const wrong: string[] = [];
  const present = await namesIn(dir);
  for (const name of new Set([...expected.keys(), ...present])) {
    const bytes = await readFile(join(dir, name)).catch(() => Buffer.alloc(0));
    if (createHash('sha256').update(bytes).digest('hex') !== expected.get(name)) wrong.push(name);
  }
  if (wrong.length > 0) throw new ChecksumError(wrong);
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

async function isComplete(dir: string, expected: ReadonlyMap<string, string>): Promise<boolean> {
  const present = new Set(await namesIn(dir));
  return [...expected.keys()].every((name) => present.has(name));
}

/**
 * Makes sure that the jars of Apache Kafka 4.2.0 lie in the cache below `node_modules`, fetching them by Maven when
 * they do not, and answers their folder. What is fetched must match `checksums.sha256` byte for byte. The folder
 * appears whole or not at all, so a fetch that was cut off is simply begun again.
 *
 * @throws MavenMissingError, DownloadError, ChecksumError
 */
export async function prepareKafka(
  options: { readonly onProgress?: (line: string) => void } = {},
): Promise<string> {
  const expected = await expectedChecksums();
  if (await isComplete(jarsDir, expected)) return jarsDir;
  options.onProgress?.('fetching Apache Kafka 4.2.0 with Maven (once, 43 MB)');
  const arriving = `${jarsDir}.${process.pid}.partial`;
  try {
    await mkdir(arriving, { recursive: true });
    await runMaven(arriving);
    await verify(arriving, expected);
    await rename(arriving, jarsDir).catch(async (error: unknown) => {
      // Another process may have finished first.
      if (!(await isComplete(jarsDir, expected))) throw error;
    });
  } finally {
    await rm(arriving, { recursive: true, force: true });
  }
  return jarsDir;
}
