import { may, ROLES, roleGrant, type Grant, type Need } from './grant.js';

/** What would be enough for a need, in words: `the scope "write", or the role marketer, engineer or admin`. */
export function needText(need: Need): string {
  const roles = ROLES.filter((role) => may(roleGrant(role), need));
  const last = roles.at(-1) ?? 'admin';
  const list = roles.length > 1 ? `${roles.slice(0, -1).join(', ')} or ${last}` : last;
  return `the scope "${need.scope}", or the role ${list}`;
}

/** The scopes of a grant, in words: `"read" and "write"`. */
export function grantText({ scopes }: Grant): string {
  return scopes.length === 0 ? 'no scope' : scopes.map((scope) => `"${scope}"`).join(' and ');
}
