import { parseScopedKey, profileIdOf, scopedKey } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';

/** Components of identifiers that are not compared, and every profile that one of theirs may have. */
export class LeftOut {
  readonly components = new Set<number>();
  /** `workspaceId/profileId`. */
  readonly profiles = new Set<string>();

  constructor(private readonly scratch: Scratch) {}

  add(component: number): void {
    if (this.components.has(component)) return;
    this.components.add(component);
    const rows = this.scratch.db.prepare('SELECT key FROM identifiers WHERE component = ?').all(component);
    for (const { key } of rows as { readonly key: string }[]) this.profiles.add(ownProfile(key));
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
