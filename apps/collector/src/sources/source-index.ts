import type { Source } from './source-registry.port.js';

/** A source and the keys that open it. */
export interface KeyedSource {
  readonly source: Source;
  readonly writeKeys: readonly string[];
}

/** The source that is there without a definition. */
export const BUILT_IN = 'default';

/**
 * Write key → source. The built-in source is among them unless a definition has its id; a key that several claim is
 * that of the first by id, in every process the same.
 */
export function sourceIndex(
  defined: readonly KeyedSource[],
  builtIn: KeyedSource,
): ReadonlyMap<string, Source> {
  const isReplaced = defined.some(({ source }) => source.sourceId === builtIn.source.sourceId);
  const index = new Map<string, Source>();
  for (const { source, writeKeys } of [...defined].sort(byId)) {
    for (const key of writeKeys) if (!index.has(key)) index.set(key, source);
  }
  if (!isReplaced) for (const key of builtIn.writeKeys) if (!index.has(key)) index.set(key, builtIn.source);
  return index;
}

function byId(a: KeyedSource, b: KeyedSource): number {
  return a.source.sourceId < b.source.sourceId ? -1 : 1;
}
