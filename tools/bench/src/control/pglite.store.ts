import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../bench.errors.js';
import { usageOf } from '../processes.js';
import type { Store } from './store.js';

const MAIN = fileURLToPath(new URL('pglite.main.js', import.meta.url));

interface Answer {
  readonly ready?: boolean;
  readonly id?: number;
  readonly error?: string;
}

/** PGlite, whose process is what holds its folder. */
export async function openPglite(dataDir: string): Promise<Store> {
  const child = fork(MAIN, [dataDir]);
  const bareBytes = usageOf(child.pid ?? 0).ownBytes;
  const waiting = new Map<number, (answer: Answer) => void>();
  const { promise: ready, resolve, reject } = Promise.withResolvers<undefined>();
  child.on('message', (answer: Answer) => {
    if (answer.ready) resolve(undefined);
    else waiting.get(answer.id ?? -1)?.(answer);
  });
  child.on('exit', () => {
    reject(new BenchError('PGlite ended'));
    for (const answer of waiting.values()) answer({ error: 'PGlite ended' });
  });
  await ready;
  let next = 0;
  return {
    ask: async (statement, values = []) => {
      const id = next;
      next += 1;
      const { error } = await new Promise<Answer>((answered) => {
        waiting.set(id, answered);
        if (child.connected) child.send({ id, statement, values });
        else answered({ error: 'PGlite ended' });
      });
      waiting.delete(id);
      if (error !== undefined) throw new BenchError(error);
    },
    ownBytes: () => usageOf(child.pid ?? 0).ownBytes - bareBytes,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
