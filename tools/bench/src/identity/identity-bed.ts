import { PROCESSORS, startOwnPlatform, type OwnPlatform } from '@tributary/harness';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext } from '../bench.js';
import { usageOf, type Usage } from '../processes.js';
import { AssignmentsWatch } from './assignments-watch.js';
import { EventWriter } from './event-writer.js';

/** A broker and identity, and nothing else: its tables wait for an engine that never comes. */
export interface IdentityBed {
  readonly platform: OwnPlatform<'identity'>;
  readonly writer: EventWriter;
  readonly watch: AssignmentsWatch;
  /** Of identity's process. */
  usage(): Usage;
  /** What its checkpoints take on disk. */
  stateBytes(): Promise<number>;
}

export async function startIdentityBed({ stack, say }: BenchContext): Promise<IdentityBed> {
  const platform = await startOwnPlatform(stack, {
    services: ['identity'],
    clickhouseUrl: 'http://127.0.0.1:1',
  });
  const watch = await AssignmentsWatch.start(platform.connection, stack);
  const writer = await EventWriter.connect(platform.connection, stack);
  say('a broker and identity are ready');
  const folders = PROCESSORS.filter(({ service }) => service === 'identity').map(({ folder }) =>
    join(platform.dataDir, 'state', folder),
  );
  return {
    ...{ platform, writer, watch },
    usage: () => usageOf(platform.services.identity.pid ?? 0),
    stateBytes: async () => (await Promise.all(folders.map(bytesIn))).reduce((sum, bytes) => sum + bytes, 0),
  };
}

async function bytesIn(dir: string): Promise<number> {
  const files = await readdir(dir, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(dir, file))).blocks * 512));
  return sizes.reduce((sum, size) => sum + size, 0);
}
