import type { Source, SourceRegistry } from '../src/sources/source-registry.port.js';

/** One source with one write key: for tests of what is above the registry. */
export class SingleKeySourceRegistry implements SourceRegistry {
  readonly #writeKey: string;
  readonly #source: Source;
  isKnown = true;

  constructor(writeKey: string, workspaceId: string, more: Partial<Source> = {}) {
    this.#writeKey = writeKey;
    this.#source = { workspaceId, sourceId: 'default', enabled: true, ...more };
  }

  sourceOf(writeKey: string): Source | undefined {
    return this.isKnown && writeKey === this.#writeKey ? this.#source : undefined;
  }

  sourceWithId(workspaceId: string, sourceId: string): Source | undefined {
    const isThis = workspaceId === this.#source.workspaceId && sourceId === this.#source.sourceId;
    return isThis ? this.#source : undefined;
  }
}
