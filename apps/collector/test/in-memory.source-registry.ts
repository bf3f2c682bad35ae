import type { Source, SourceRegistry } from '../src/sources/source-registry.port.js';

/** For tests: the sources as given, by write key. */
export class InMemorySourceRegistry implements SourceRegistry {
  readonly isKnown = true;

  constructor(private readonly sources: Readonly<Record<string, Source>>) {}

  sourceOf(writeKey: string): Source | undefined {
    return Object.hasOwn(this.sources, writeKey) ? this.sources[writeKey] : undefined;
  }

  sourceWithId(workspaceId: string, sourceId: string): Source | undefined {
    return Object.values(this.sources).find(
      (source) => source.workspaceId === workspaceId && source.sourceId === sourceId,
    );
  }
}
