import { parseScopedKey } from '@tributary/kernel';
import type { DefinedTrait } from './computed/score.js';
import type { AudienceDefinition } from './definition.js';
import type { Named } from './resolve.js';

/** What the definitions of each workspace may name; both by `workspaceId/key`. */
export function namedByWorkspace(
  audiences: ReadonlyMap<string, { readonly definition: AudienceDefinition }>,
  traits: ReadonlyMap<string, { readonly trait: DefinedTrait; readonly of: 'people' | 'accounts' }>,
): (workspaceId: string) => Named {
  const all = new Map<
    string,
    { audiences: Map<string, AudienceDefinition>; traits: Map<string, DefinedTrait> }
  >();
  const of = (workspaceId: string) => {
    const known = all.get(workspaceId) ?? { audiences: new Map(), traits: new Map() };
    all.set(workspaceId, known);
    return known;
  };
  for (const [scoped, { definition }] of audiences) {
    const { workspaceId, id } = parseScopedKey(scoped);
    of(workspaceId).audiences.set(id, definition);
  }
  for (const [scoped, { trait, of: whose }] of traits) {
    const { workspaceId, id } = parseScopedKey(scoped);
    if (whose === 'people') of(workspaceId).traits.set(id, trait);
  }
  return of;
}
