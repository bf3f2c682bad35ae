import { parseScopedKey, profileIdOf, scopedKey } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';

/** Components of identifiers that are not compared, and every profile that one of theirs may have. */
export class LeftOut {
  readonly components = new Set<number>();
  /** Keys, as far as they were named. */
  readonly identifiers = new Set<string>();
  /** `workspaceId/profileId`. */
  readonly profiles = new Set<string>();

  constructor(private readonly scratch: Scratch) {}

  add(component: number): void {
    if (this.components.has(component)) return;
    this.components.add(component);
    const rows = this.scratch.db.prepare('SELECT key FROM identifiers WHERE component = ?').all(component);
    for (const { key } of rows as { readonly key: string }[]) this.profiles.add(ownProfile(key));
  }

  /** Who is of the component of one of these keys, and they themselves. */
  addAll(keys: Iterable<string>): void {
    const find = this.scratch.db.prepare('SELECT component FROM identifiers WHERE key = ?');
    for (const key of keys) {
      this.identifiers.add(key);
      const row = find.get(key) as { readonly component: number } | undefined;
      if (row) this.add(row.component);
      else this.addIdentifier(key);
    }
  }

  /** An identifier of which nothing is known, `workspaceId/namespace:value`. */
  addIdentifier(key: string): void {
    this.profiles.add(ownProfile(key));
  }
}

/** The profile of an identifier, both as scoped keys, to which none was ever linked. */
export function ownProfile(key: string): string {
  const { workspaceId, id } = parseScopedKey(key);
  return scopedKey(workspaceId, profileIdOf(workspaceId, id));
}
