import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '@tributary/kafka';
import { toAssignmentRows, toLinkRows } from './mapping.js';

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
  it('makes a row of a verdict', () => {
    const verdict = {
      kind: 'verdict',
      ...address,
      end: 'email:a@b.c',
      other: 'user_id:u1',
      eligible: false,
      firstSeen: 1_767_323_045_678,
      endFirstSeen: 1_767_323_000_000,
      version: 5,
    };
    expect(toLinkRows(record(verdict))).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          kind: 'verdict',
          a: 'email:a@b.c',
          b: 'user_id:u1',
          eligible: false,
          first_seen: '2026-01-02T03:04:05.678Z',
          version: 5,
          kafka_partition: 1,
          kafka_offset: 9,
        },
      ],
    });
  });

  it('makes a row of each fact of a hand-over', () => {
    const fact = (a: string, b: string) => ({
      pair: [a, b],
      eligible: true,
      firstSeen: 0,
      endsFirstSeen: [0, 0],
      version: 1,
    });
    const facts = {
      kind: 'facts',
      ...address,
      from: 'email:a@b.c',
      facts: [fact('a:1', 'b:1'), fact('a:2', 'b:2')],
      open: true,
    };
    expect(toLinkRows(record(facts))).toMatchObject({
      ok: true,
      value: [
        { kind: 'fact', a: 'a:1', b: 'b:1' },
        { kind: 'fact', a: 'a:2', b: 'b:2' },
      ],
    });
  });

  it('makes none of the other messages, and reads none whose kind a header tells', () => {
    const none = { ok: true, value: [] };
    expect(toLinkRows(record({ kind: 'met', ...address, firstSeen: 1 }))).toEqual(none);
    const unreadable = { ...record({}), value: Buffer.from('{') };
    expect(toLinkRows({ ...unreadable, headers: { schema: 'link@1', kind: 'union' } })).toEqual(none);
    expect(toLinkRows({ ...unreadable, headers: { schema: 'link@1', kind: 'facts' } })).toMatchObject({
      ok: false,
    });
  });
});
