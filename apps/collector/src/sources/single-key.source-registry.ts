import type { Source, SourceRegistry } from './source-registry.port.js';

/** One source, `default`, with the one write key of the settings. */
export class SingleKeySourceRegistry implements SourceRegistry {
  readonly #writeKey: string;
  readonly #source: Source;

  constructor(writeKey: string, workspaceId: string) {
    this.#writeKey = writeKey;
    this.#source = { workspaceId, sourceId: 'default', enabled: true };
  }

  sourceOf(writeKey: string): Source | undefined {
    return writeKey === this.#writeKey ? this.#source : undefined;
  }

  sourceWithId(sourceId: string): Source | undefined {
    return sourceId === this.#source.sourceId ? this.#source : undefined;
  }
}
