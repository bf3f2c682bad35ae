import { describe, expect, it } from '@jest/globals';
import type { AudienceChangeMessage } from '@tributary/contracts';
import { checkChanges } from './changes-check.js';
import type { MembershipRecord } from './log.js';

const said = (offset: number, member: boolean, epoch = 0): MembershipRecord => ({
  id: `0-${offset}`,
  partition: 0,
  offset,
  said: {
    workspaceId: 'default',
    audienceKey: 'a',
    profileId: 'p',
    member,
    since: '2026-01-01T00:00:00.000Z',
    epoch,
    cause: 'event',
    identifiers: [],
  },
});
const claim = (offset: number): MembershipRecord => ({ id: `0-${offset}`, partition: 0, offset });
const change = (offset: number, direction: 'entered' | 'exited'): AudienceChangeMessage => ({
  workspaceId: 'default',
  id: `0-${offset}`,
  audienceKey: 'a',
  profileId: 'p',
  change: direction,
  at: '2026-01-01T00:00:00.000Z',
  cause: 'event',
  version: offset,
  identifiers: [],
});

describe('checkChanges', () => {
  it('has nothing against a projection, repeated changes and epoch records', () => {
    expect(
      checkChanges(
        [claim(0), said(1, true), claim(2), said(3, true, 0), said(4, false, 2)],
        [change(1, 'entered'), change(1, 'entered'), change(4, 'exited')],
      ),
    ).toEqual([]);
  });

  it('finds two different changes with one id', () => {
    const wrong = checkChanges([said(1, true)], [change(1, 'entered'), { ...change(1, 'entered'), at: 'x' }]);
    expect(wrong).toEqual(['two different changes have the id 0-1']);
  });

  it('finds a membership without a change, and a change without a membership', () => {
    expect(checkChanges([said(1, true)], [])).toEqual(['membership 0-1 has no change']);
    expect(checkChanges([claim(0)], [change(0, 'entered')])).toEqual([
      'change 0-0 has no membership that is in force',
    ]);
  });

  it('finds a change that was made of what a zombie said', () => {
    expect(checkChanges([claim(2), said(3, true, 0)], [change(3, 'entered')])).toEqual([
      'change 0-3 has no membership that is in force',
    ]);
  });

  it('finds a change that says the contrary', () => {
    expect(checkChanges([said(1, true)], [change(1, 'exited')])).toEqual([
      'change 0-1 is not what its membership says',
    ]);
  });

  it('finds what is said twice', () => {
    expect(
      checkChanges([said(1, true), said(2, true)], [change(1, 'entered'), change(2, 'entered')]),
    ).toEqual(['membership 0-2 says again that a p is in']);
  });
});
