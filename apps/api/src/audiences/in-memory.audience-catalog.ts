import type { EventLeaf } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import { ok } from '@tributary/kernel';
import type { AudienceCatalog, StoredAudience } from './audience-catalog.port.js';

/** For tests of what is above the log. */
export class InMemoryAudienceCatalog implements AudienceCatalog {
  readonly announced: EventLeaf[] = [];
  readonly #audiences = new Map<string, StoredAudience>();
  #version = 0;

  find(key: string): StoredAudience | undefined {
    return this.#audiences.get(key);
  }

  all(): readonly StoredAudience[] {
    return [...this.#audiences.values()].sort((a, b) => (a.audience.key < b.audience.key ? -1 : 1));
  }

  async put(audience: AudienceMessage, leaves: readonly EventLeaf[]) {
    this.announced.push(...leaves);
    const stored = { audience, version: this.#version };
    this.#version += 1;
    this.#audiences.set(audience.key, stored);
    return Promise.resolve(ok(stored));
  }

  async remove(key: string) {
    this.#audiences.delete(key);
    return Promise.resolve(ok(undefined));
  }
}
