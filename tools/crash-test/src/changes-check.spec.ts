import { describe, expect, it } from '@jest/globals';
import type { AudienceChangeMessage } from '@tributary/contracts';
import { checkChanges as check } from './changes-check.js';
import type { MembershipRecord } from './log.js';

const said = (sequence: number, member: boolean): MembershipRecord => ({
  id: `0-7-${sequence}`,
  said: {
    workspaceId: 'default',
    audienceKey: 'a',
    profileId: 'p',
    member,
    since: '2026-01-01T00:00:00.000Z',
    epoch: 7,
    cause: 'event',
    identifiers: [],
  },
});
const change = (sequence: number, direction: 'entered' | 'exited'): AudienceChangeMessage => ({
  workspaceId: 'default',
  id: `0-7-${sequence}`,
  audienceKey: 'a',
  profileId: 'p',
  change: direction,
  at: '2026-01-01T00:00:00.000Z',
  cause: 'event',
  identifiers: [],
});

const checkChanges = (
  records: readonly MembershipRecord[],
  changes: readonly AudienceChangeMessage[],
  heard = { epoch: 7, sequence: 9 },
) => check({ records, heard: () => heard }, changes);

describe('checkChanges', () => {
  it('has nothing against memberships that each have their change', () => {
    expect(
      checkChanges([said(1, true), said(2, false)], [change(1, 'entered'), change(2, 'exited')]),
    ).toEqual([]);
  });

  it('finds a change that is told again, though it be the same', () => {
    const wrong = checkChanges([said(1, true)], [change(1, 'entered'), change(1, 'entered')]);
    expect(wrong).toEqual(['change 0-7-1 is told again', 'change 0-7-1 says again that a p is in']);
  });

  it('finds a membership without a change, and a change without a membership', () => {
    expect(checkChanges([said(1, true)], [])).toEqual(['membership 0-7-1 has no change']);
    expect(checkChanges([], [change(1, 'entered')])).toEqual([
      'change 0-7-1 has no membership that is in force',
    ]);
  });

  it('finds a change that was made of what a former owner said', () => {
    expect(checkChanges([], [change(1, 'entered')], { epoch: 8, sequence: 0 })).toEqual([
      'change 0-7-1 has no membership that is in force',
    ]);
  });

  it('holds nothing against memberships that came after they were read', () => {
    const changes = [change(1, 'entered'), change(2, 'exited')];
    expect(checkChanges([said(1, true)], changes, { epoch: 7, sequence: 1 })).toEqual([]);
  });

  it('finds a change that says the contrary', () => {
    expect(checkChanges([said(1, true)], [change(1, 'exited')])).toEqual([
      'change 0-7-1 is not what its membership says',
      'change 0-7-1 says again that a p is not in',
    ]);
  });

  it('finds changes of one membership that do not take turns, whatever their ids', () => {
    expect(
      checkChanges([said(1, true), said(2, true)], [change(1, 'entered'), change(2, 'entered')]),
    ).toEqual(['membership 0-7-2 says again that a p is in', 'change 0-7-2 says again that a p is in']);
  });
});
