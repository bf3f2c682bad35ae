import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const FEWEST = 2;
const MOST = 16;

/** Partitions of a topic for a machine of so many cores: each costs work of its own, and more than cores gain nothing. */
export function partitionsFor(cores: number): number {
  return Math.min(MOST, Math.max(FEWEST, cores));
}

/**
 * The partitions of every topic of a Kafka of our own: as given, else as the data folder has had them from its beginning,
 * else one for each core of this machine, 2 at least and 16 at most. A folder that begins keeps the number, for it may be
 * moved to another machine.
 */
export async function partitionsOf(dataDir: string, given: string | undefined): Promise<string> {
  const folder = join(dataDir, 'kafka');
  const file = join(folder, 'partitions');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return given ?? known.trim();
  const partitions = given ?? String(partitionsFor(availableParallelism()));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${partitions}\n`);
  return partitions;
}
