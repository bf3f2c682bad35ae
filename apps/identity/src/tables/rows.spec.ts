import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '@tributary/kafka';
import { toAssignmentRows, toLinkRows } from './rows.js';

const record = (value: object): LogRecord => ({
  topic: 't',
  partition: 1,
  offset: 9,
  key: 'k',
  value: Buffer.from(JSON.stringify(value)),
  headers: {},
  timestamp: 0,
});
const address = { workspaceId: 'default', to: 'user_id:u1' };

describe('toAssignmentRows', () => {
  it('makes a row of every version', () => {
    const message = {
      workspaceId: 'default',
      identifier: 'user_id:u1',
      profileId: 'p1',
      version: 12,
      reason: 'linked',
      formerly: ['p0'],
      resolvedThrough: { partition: 4, offset: -1 },
      at: '2026-01-02T03:04:05.678Z',
    };
    expect(toAssignmentRows(record(message))).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          identifier: 'user_id:u1',
          profile_id: 'p1',
          version: 12,
          reason: 'linked',
          formerly: ['p0'],
          resolved_partition: 4,
          resolved_offset: -1,
          at: '2026-01-02T03:04:05.678Z',
          kafka_partition: 1,
          kafka_offset: 9,
        },
      ],
    });
  });
});

describe('toLinkRows', () => {
  const decided = (...refusal: readonly string[]) => ({
    ...{ ...address, messages: [] },
    said: [
      {
        ...{ end: 'email:a@b.c', endFirstSeen: 1_767_323_000_000, version: 5 },
        links: [['user_id:u1', 1_767_323_045_678, ...refusal]],
      },
    ],
  });
  const says = (value: object): LogRecord => ({
    ...record(value),
    headers: { schema: 'link@1', kind: '', said: '1' },
  });
  const row = {
    workspace_id: 'default',
    kind: 'eligibility',
    a: 'email:a@b.c',
    b: 'user_id:u1',
    first_seen: '2026-01-02T03:04:05.678Z',
    end_first_seen: '2026-01-02T03:03:20.000Z',
    version: 5,
    kafka_partition: 1,
    kafka_offset: 9,
  };

  it('makes a row of an eligibility', () => {
    expect(toLinkRows(says(decided()))).toEqual({
      ok: true,
      value: [{ ...row, eligible: true, refusal: '' }],
    });
  });

  it('says why an end does not join', () => {
    expect(toLinkRows(says(decided('supernode')))).toEqual({
      ok: true,
      value: [{ ...row, eligible: false, refusal: 'supernode' }],
    });
  });

  it('makes none of the other messages, and reads none of which a header tells that nothing was decided', () => {
    const none = { ok: true, value: [] };
    expect(toLinkRows(says({ ...address, messages: [{ kind: 'met', firstSeen: 1 }] }))).toEqual(none);
    const rules = { workspaceId: 'default', version: 1, rules: { namespaces: {} } };
    expect(toLinkRows({ ...record(rules), headers: { schema: 'rules-copy@1' } })).toEqual(none);
    const unreadable = { ...record({}), value: Buffer.from('{') };
    expect(toLinkRows({ ...unreadable, headers: { schema: 'link@1', kind: 'facts' } })).toEqual(none);
    expect(toLinkRows({ ...unreadable, headers: { schema: 'link@1', said: '1' } })).toMatchObject({
      ok: false,
    });
  });
});
