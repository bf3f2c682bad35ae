import type { Heard } from '@tributary/contracts';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** How far a partition is read: the next offset, and what the reader's rule has to know of what was before it. */
export interface Place extends Heard {
  readonly offset: number;
}

/** By partition. */
export type Places = Readonly<Record<number, Place>>;

/** Where a subscriber keeps how far it is. Kept together with what it does with the changes, each counts exactly once. */
export interface PlaceStore {
  /** Undefined where nothing was ever kept. */
  load(): Promise<Places | undefined>;
  save(places: Places): Promise<void>;
}

/** Places in a file of JSON, which is written whole or not at all. */
export function filePlaces(path: string): PlaceStore {
  return {
    async load() {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as Places;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new Error(`${path} does not say how far the changes were read`, { cause: error });
      }
    },
    async save(places) {
      const arriving = `${path}.${process.pid}`;
      await writeFile(arriving, JSON.stringify(places), { flush: true });
      await rename(arriving, path);
    },
  };
}
