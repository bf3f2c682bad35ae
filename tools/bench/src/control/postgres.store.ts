import { startPostgres } from '@tributary/embedded-postgres';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { usageOf } from '../processes.js';
import type { Store } from './store.js';

/** PostgreSQL as npm start runs it. */
export async function openPostgres(dataDir: string): Promise<Store> {
  const server = await startPostgres({ dataDir, port: 0 });
  const pool = new pg.Pool({ connectionString: server.url, max: 10 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return {
    ask: async (statement, values = []) => {
      await pool.query(statement, [...values]);
    },
    ownBytes: () => familyOf(server.pid).reduce((sum, pid) => sum + usageOf(pid).ownBytes, 0),
    kill: async () => {
      server.kill('SIGKILL');
      await server.exited;
      await pool.end();
    },
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
}

/** A process and its children. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]) === pid;
      } catch {
        return false;
      }
    });
  return [pid, ...children.map(Number)];
}
