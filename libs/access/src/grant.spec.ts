import { describe, expect, it } from '@jest/globals';
import { grantText, needText } from './grant-text.js';
import { AREAS, may, ROLES, roleGrant, scopeGrant, SCOPES, type Need } from './grant.js';

const NEEDS: readonly Need[] = [
  { scope: 'read' },
  { scope: 'ingest' },
  ...AREAS.map((area) => ({ scope: 'write', area }) as const),
  { scope: 'admin' },
];

const named = (need: Need) => (need.scope === 'write' ? `write ${need.area}` : need.scope);
const allowed = (grant: Parameters<typeof may>[0]) => NEEDS.filter((need) => may(grant, need)).map(named);

describe('a grant', () => {
  it.each([
    ['read', ['read']],
    ['ingest', ['ingest']],
    ['write', ['read', 'write audiences', 'write sources', 'write identity']],
    ['admin', NEEDS.map(named)],
  ] as const)('of the scope %s is enough for %j', (scope, enough) => {
    expect(allowed(scopeGrant([scope]))).toEqual(enough);
  });

  it.each([
    ['viewer', ['read']],
    ['marketer', ['read', 'write audiences']],
    ['engineer', ['read', 'ingest', 'write audiences', 'write sources', 'write identity']],
    ['admin', NEEDS.map(named)],
  ] as const)('of the role %s is enough for %j', (role, enough) => {
    expect(allowed(roleGrant(role))).toEqual(enough);
  });

  it('of no scope is enough for nothing', () => {
    expect(allowed(scopeGrant([]))).toEqual([]);
  });

  it('of a role lets do all that the role before it may', () => {
    for (const [index, role] of ROLES.slice(1).entries())
      expect(allowed(roleGrant(role))).toEqual(expect.arrayContaining(allowed(roleGrant(ROLES[index]!))));
  });

  it('of more scopes is never enough for less', () => {
    for (const one of SCOPES)
      for (const other of SCOPES)
        expect(allowed(scopeGrant([one, other]))).toEqual(expect.arrayContaining(allowed(scopeGrant([one]))));
  });
});

describe('what is said of a need', () => {
  it('names the scope and the roles that are enough', () => {
    expect(needText({ scope: 'write', area: 'sources' })).toBe(
      'the scope "write", or the role engineer or admin',
    );
    expect(needText({ scope: 'admin' })).toBe('the scope "admin", or the role admin');
    expect(needText({ scope: 'read' })).toBe(
      'the scope "read", or the role viewer, marketer, engineer or admin',
    );
    expect(grantText(scopeGrant(['read', 'ingest']))).toBe('"read" and "ingest"');
    expect(grantText(scopeGrant([]))).toBe('no scope');
  });
});
