import { ClassicLevel } from 'classic-level';
import type { StoreKind } from './key-value-store.port.js';

/** Its default: a commit outlives a crash of the process, and may be lost to a power cut. */
export const LEVEL: StoreKind = level('classic-level', false);

/** Each commit is on the disk before it is over. */
export const LEVEL_SYNC: StoreKind = level('classic-level, sync', true);

function level(name: string, sync: boolean): StoreKind {
  return {
    name,
    open: async (dir) => {
      const db = new ClassicLevel<string, string>(dir);
      await db.open();
      return {
        commit: (entries) =>
          db.batch(
            entries.map(([key, value]) => ({ type: 'put', key, value }) as const),
            { sync },
          ),
        get: (key) => db.getSync(key),
        close: () => db.close(),
      };
    },
  };
}
