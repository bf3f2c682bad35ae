import { TOPICS } from '@tributary/contracts';
import { parseScopedKey, profileIdOf, scopedKey } from '@tributary/kernel';
import type { Onward } from '../log/onward.js';
import type { Scratch } from '../scratch.js';

/**
 * Those about whom events came after the cut: what was streamed of them may say more than the cut, so they are not
 * compared.
 */
export class Latecomers {
  /** Components of identifiers. */
  readonly components = new Set<number>();
  /** `workspaceId/namespace:value` of those whom the cut does not know. */
  readonly identifiers = new Set<string>();
  /** `workspaceId/profileId` of every profile that any of them may have. */
  readonly profiles = new Set<string>();

  constructor(private readonly scratch: Scratch) {}

  /** Adds those of events that were received after an instant, in milliseconds since 1970. */
  addAfter(at: number): void {
    const rows = this.scratch.db
      .prepare(
        `SELECT DISTINCT i.component FROM events e JOIN identifiers i ON i.id = e.identifier
        WHERE e.received_at > ?`,
      )
      .all(at) as { readonly component: number }[];
    for (const { component } of rows) this.#addComponent(component);
  }

  /** Adds those of events that came to the log since the last call. */
  async addFrom(onward: Onward): Promise<void> {
    const keys = new Set<string>();
    await onward.read(TOPICS.events.name, ({ key, headers }) => {
      const { workspaceId } = parseScopedKey(key);
      for (const id of identifiersOf(headers.identifiers)) keys.add(scopedKey(workspaceId, id));
    });
    const find = this.scratch.db.prepare('SELECT component FROM identifiers WHERE key = ?');
    for (const key of keys) {
      const row = find.get(key) as { readonly component: number } | undefined;
      if (row) this.#addComponent(row.component);
      else this.identifiers.add(key);
      this.profiles.add(ownProfile(key));
    }
  }

  #addComponent(component: number): void {
    if (this.components.has(component)) return;
    this.components.add(component);
    const rows = this.scratch.db.prepare('SELECT key FROM identifiers WHERE component = ?').all(component);
    for (const { key } of rows as { readonly key: string }[]) this.profiles.add(ownProfile(key));
  }
}

function ownProfile(key: string): string {
  const { workspaceId, id } = parseScopedKey(key);
  return scopedKey(workspaceId, profileIdOf(workspaceId, id));
}

/** None where the header is missing or no list: such a record is no event. */
function identifiersOf(header: string | undefined): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(header ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
