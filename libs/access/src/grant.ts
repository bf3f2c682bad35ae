/** What a token may be made for, from the least to the most. */
export const SCOPES = ['read', 'ingest', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What definitions are about: a role may write those of some areas alone. */
export const AREAS = ['audiences', 'sources', 'identity'] as const;
export type Area = (typeof AREAS)[number];

/** What people are: each role may do all that the one before it may. */
export const ROLES = ['viewer', 'marketer', 'engineer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a route asks for. `write` names what it writes. */
export type Need =
  { readonly scope: Exclude<Scope, 'write'> } | { readonly scope: 'write'; readonly area: Area };

/** What somebody may do. */
export interface Grant {
  readonly scopes: readonly Scope[];
  /** Those that `write` is good for. */
  readonly areas: readonly Area[];
}

const GRANTS: Readonly<Record<Role, Grant>> = {
  viewer: { scopes: ['read'], areas: [] },
  marketer: { scopes: ['read', 'write'], areas: ['audiences'] },
  engineer: { scopes: ['read', 'ingest', 'write'], areas: AREAS },
  admin: { scopes: ['admin'], areas: AREAS },
};

/** What people of a role may do. */
export function roleGrant(role: Role): Grant {
  return GRANTS[role];
}

/** What a token of these scopes may do: `write` is good for every area. */
export function scopeGrant(scopes: readonly Scope[]): Grant {
  return { scopes, areas: areaGrants(scopes) };
}

/** The areas that a token of these scopes may write. */
export function areaGrants(scopes: readonly Scope[]): readonly Area[] {
  return scopes.includes('write') || scopes.includes('admin') ? AREAS : [];
}

/**
 * Whether a grant is enough for a need. `admin` is enough for everything. `write` brings `read`: the answer to a write
 * shows the resource. `ingest` brings nothing else.
 */
export function may(grant: Grant, need: Need): boolean {
  const { scopes, areas } = grant;
  if (scopes.includes('admin')) return true;
  if (need.scope === 'write') return scopes.includes('write') && areas.includes(need.area);
  if (need.scope === 'read') return scopes.includes('read') || scopes.includes('write');
  return scopes.includes(need.scope);
}
