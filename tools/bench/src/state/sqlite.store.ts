import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoreKind } from './key-value-store.port.js';

/** `synchronous = NORMAL` with a write-ahead log: whole after any crash, the latest commits may be lost to a power cut. */
export const SQLITE: StoreKind = {
  name: 'node:sqlite',
  open: async (dir) => {
    await mkdir(dir, { recursive: true });
    const db = new DatabaseSync(join(dir, 'state.db'));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
    db.exec('CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
    const put = db.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)');
    const get = db.prepare('SELECT value FROM state WHERE key = ?');
    return {
      commit: (entries) => {
        db.exec('BEGIN');
        for (const [key, value] of entries) put.run(key, value);
        db.exec('COMMIT');
        return Promise.resolve();
      },
      get: (key) => {
        const value = get.get(key)?.value;
        return typeof value === 'string' ? value : undefined;
      },
      close: () => {
        db.close();
        return Promise.resolve();
      },
    };
  },
};
