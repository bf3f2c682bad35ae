import { open } from 'lmdb';
import type { StoreKind } from './key-value-store.port.js';

/** As libs/state opens it. */
export const LMDB: StoreKind = {
  name: 'lmdb',
  open: (dir) => {
    const env = open<string, string>({ path: dir, encoding: 'string', maxDbs: 16 });
    const state = env.openDB<string, string>({ name: 'state', encoding: 'string' });
    return Promise.resolve({
      commit: async (entries) => {
        await env.transaction(() => {
          for (const [key, value] of entries) void state.put(key, value);
        });
      },
      get: (key) => state.get(key),
      close: () => env.close(),
    });
  },
};
