import { scopedKey } from '@tributary/kernel';
import type { Source } from './source-registry.port.js';

/** A source and the keys that open it. */
export interface KeyedSource {
  readonly source: Source;
  readonly writeKeys: readonly string[];
}

/** The source that is there without a definition. */
export const BUILT_IN = 'default';

/**
 * Write key → source. The built-in source is among them unless a definition of its workspace has its id; a key that
 * several claim is that of the first by id, in every process the same, and those of the built-in source's workspace are
 * before all others.
 */
export function sourceIndex(
  defined: readonly KeyedSource[],
  builtIn: KeyedSource,
): ReadonlyMap<string, Source> {
  const isOwn = ({ source }: KeyedSource) => source.workspaceId === builtIn.source.workspaceId;
  const own = defined.filter(isOwn).sort(byId);
  const others = defined.filter((one) => !isOwn(one)).sort(byId);
  const isReplaced = own.some(({ source }) => source.sourceId === builtIn.source.sourceId);
  const index = new Map<string, Source>();
  for (const { source, writeKeys } of [...own, ...(isReplaced ? [] : [builtIn]), ...others]) {
    for (const key of writeKeys) if (!index.has(key)) index.set(key, source);
  }
  return index;
}

function byId(a: KeyedSource, b: KeyedSource): number {
  const key = ({ source }: KeyedSource) => scopedKey(source.workspaceId, source.sourceId);
  return key(a) < key(b) ? -1 : 1;
}
