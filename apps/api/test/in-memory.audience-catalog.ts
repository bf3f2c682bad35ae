import type { EventAggregate } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import { InMemoryControlRecords } from './in-memory.control-records.js';
import type { AudienceCatalog } from '../src/audiences/audience-catalog.port.js';

/** For tests of what is above the log. */
export class InMemoryAudienceCatalog implements AudienceCatalog {
  readonly activated: EventAggregate[] = [];
  readonly #records = new InMemoryControlRecords<AudienceMessage>();

  find(key: string) {
    return this.#records.find(key);
  }

  all() {
    return this.#records.all();
  }

  async put(audience: AudienceMessage, leaves: readonly EventAggregate[]) {
    this.activated.push(...leaves);
    return this.#records.put(audience.key, audience);
  }

  async remove(key: string) {
    return this.#records.remove(key);
  }
}
