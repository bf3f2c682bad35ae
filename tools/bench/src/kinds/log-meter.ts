import { ALL_TOPICS } from '@tributary/contracts';
import type { OwnPlatform } from '@tributary/harness';
import { logBounds } from '@tributary/kafka';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What Kafka has taken and handed out so far. */
export interface LogReading {
  /** Records written, by topic. */
  readonly produced: ReadonlyMap<string, number>;
  /** Records read, over all consumer groups, as they committed it. */
  readonly consumed: number;
  /** Of all logs on the broker's disk. */
  readonly bytes: number;
}

/** Reads the meters of a platform's own broker: exact counts, whatever else the machine does. */
export async function readLogs({ connection, dataDir }: OwnPlatform): Promise<LogReading> {
  const produced = new Map<string, number>();
  for (const { name } of ALL_TOPICS) {
    const bounds = await logBounds(connection, name);
    produced.set(
      name,
      [...bounds.values()].reduce((sum, { end }) => sum + end, 0),
    );
  }
  return {
    produced,
    consumed: await consumedOf(connection),
    bytes: await bytesUnder(join(dataDir, 'kafka')),
  };
}

function consumedOf(connection: OwnPlatform['connection']): Promise<number> {
  const topics = new Set<string>(ALL_TOPICS.map(({ name }) => name));
  return connection.withAdmin(async (admin) => {
    const { groups } = await admin.listGroups();
    let consumed = 0;
    for (const { groupId } of groups) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        if (topics.has(topic)) for (const { offset } of partitions) consumed += Math.max(0, Number(offset));
      }
    }
    return consumed;
  });
}

async function bytesUnder(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const isLog = (name: string) => name.endsWith('.log') && /-\d+\//.test(name) && !name.includes('__');
  const sizes = await Promise.all(
    names.filter(isLog).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
