import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '@tributary/kafka';
import { toEventRows, toProfileRows } from './rows.js';

const record = (value: unknown, schema?: string): LogRecord => ({
  topic: 't',
  partition: 3,
  offset: 42,
  key: 'default/user_id:u1',
  value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: schema === undefined ? {} : { schema },
  timestamp: 0,
});
const at = '2026-01-02T03:04:05.678Z';

describe('toEventRows', () => {
  const rowOf = (value: unknown) => {
    const rows = toEventRows(record(value, 'event@1'));
    return rows.ok ? rows.value.map((row) => JSON.parse((row as Buffer).toString()) as unknown) : rows;
  };

  it('makes a row of the event as it is and of its place in the log', () => {
    expect(rowOf({ messageId: 'm1', properties: { n: null, x: 1 } })).toEqual([
      { kafkaPartition: 3, kafkaOffset: 42, messageId: 'm1', properties: { n: null, x: 1 } },
    ]);
  });

  it('mends texts that were cut in the middle of a character', () => {
    expect(rowOf({ properties: { name: 'cut \ud83d' } })).toMatchObject([
      { properties: { name: 'cut \ufffd' } },
    ]);
  });

  it('makes none of records of another schema', () => {
    expect(toEventRows(record({ aggregate: 'x' }, 'other@1'))).toEqual({ ok: true, value: [] });
  });

  it('refuses what is no object', () => {
    expect(toEventRows(record('[]'))).toEqual({ ok: false, error: 'the value is no JSON object' });
  });
});

describe('toProfileRows', () => {
  it('keeps the whole profile beside its version', () => {
    const profile = {
      workspaceId: 'default',
      profileId: 'p1',
      version: 7,
      at,
      traits: { plan: 'pro' },
      traitSources: {},
      identifiers: [],
      computed: {},
      firstSeenAt: at,
      lastSeenAt: at,
      eventCount: 1,
    };
    expect(toProfileRows(record(profile, 'profile@1'))).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          profile_id: 'p1',
          version: 7,
          at,
          merged_into: '',
          is_empty: false,
          profile: JSON.stringify(profile),
          kafka_partition: 3,
          kafka_offset: 42,
        },
      ],
    });
  });

  it('says where a profile went', () => {
    const merged = { workspaceId: 'default', profileId: 'p1', version: 8, at, mergedInto: 'p2' };
    expect(toProfileRows(record(merged, 'merged-profile@1'))).toMatchObject({
      ok: true,
      value: [{ profile_id: 'p1', version: 8, merged_into: 'p2' }],
    });
  });

  it('says of which profile nothing is known any more', () => {
    const empty = { workspaceId: 'default', profileId: 'p1', version: 8, at, empty: true };
    expect(toProfileRows(record(empty, 'empty-profile@1'))).toMatchObject({
      ok: true,
      value: [{ profile_id: 'p1', version: 8, merged_into: '', is_empty: true }],
    });
  });

  it('refuses a profile that is none, and says why', () => {
    expect(toProfileRows(record({ profileId: 'p1' }, 'profile@1'))).toMatchObject({
      ok: false,
      error: expect.stringContaining('profile@1'),
    });
  });
});
