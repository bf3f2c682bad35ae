/** A namespace and a value in it, written `namespace:value`: `user_id:u1`, `email:ann@example.com`. */
export type Identifier = string & { readonly __brand: 'identifier' };

/** Writes an identifier. The namespace has no colon; the value may. */
export function identifier(namespace: string, value: string): Identifier {
  return `${namespace}:${value}` as Identifier;
}

/** The part of an identifier before its first colon. */
export function namespaceOf(id: Identifier): string {
  return id.slice(0, id.indexOf(':'));
}

/** The part of an identifier after its first colon. */
export function valueOf(id: Identifier): string {
  return id.slice(id.indexOf(':') + 1);
}

/** Reads `namespace:value`; undefined where there is no namespace or no value. */
export function parseIdentifier(text: string): Identifier | undefined {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1 ? (text as Identifier) : undefined;
}

/** The greater an identifier's namespace weighs, the smaller the number: `user_id`, `email`, then by kind. */
export function namespacePriority(namespace: string): number {
  const at = PRIORITIES.indexOf(namespace);
  return at >= 0 ? at : PRIORITIES.length;
}

const PRIORITIES = ['user_id', 'email', 'phone', 'anonymous_id'];

/** The key of a record that is about an identifier or a profile: `workspaceId/id`. */
export function scopedKey(workspaceId: string, id: string): string {
  return `${workspaceId}/${id}`;
}

/** Takes `workspaceId/id` apart. Throws where there is no slash: such a key was never written by us. */
export function parseScopedKey(key: string): { readonly workspaceId: string; readonly id: string } {
  const slash = key.indexOf('/');
  if (slash < 0) throw new Error(`key "${key}" has no workspace: expected workspaceId/id`);
  return { workspaceId: key.slice(0, slash), id: key.slice(slash + 1) };
}
