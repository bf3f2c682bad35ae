import { join } from 'node:path';
import { PartitionStore } from './partition-store.js';
import { FIRST_FORMAT, migrationFrom, type StateFormat } from './state-format.js';
import type { ProcessorOptions } from './processor-options.js';

/** Compacted topics forget removals after seven days: a disk that is nearly as old may have missed one. */
const OLDEST_STORE_MS = 6 * 86_400_000;

/** Opens a partition's store in the present format; one that is too old to be caught up is thrown away first. */
export async function openStore<S extends object>(
  { dataDir, name, format = FIRST_FORMAT, now = Date.now }: ProcessorOptions<S>,
  partition: number,
): Promise<PartitionStore> {
  const dir = join(dataDir, 'state', name, String(partition));
  const store = await PartitionStore.open(dir);
  const age = now() - (store.meta?.at ?? Infinity);
  if (age <= OLDEST_STORE_MS) return ofPresentFormat(store, dir, format);
  await store.destroy(dir);
  return PartitionStore.open(dir);
}

/** Migrates a store of an older format; one that nothing can migrate is thrown away, to be built anew. */
async function ofPresentFormat(
  store: PartitionStore,
  dir: string,
  format: StateFormat,
): Promise<PartitionStore> {
  const { meta } = store;
  if (!meta) return store;
  try {
    const migrate = migrationFrom(format, meta.format ?? FIRST_FORMAT.version, dir);
    if (!migrate) {
      await store.destroy(dir);
      return await PartitionStore.open(dir);
    }
    if ((meta.format ?? FIRST_FORMAT.version) < format.version) {
      await store.rewrite(migrate, { ...meta, format: format.version });
    }
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
