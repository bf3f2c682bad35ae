import { describe, expect, it } from '@jest/globals';
import { epochKey, toldKey } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { toChangeRows, toEpochRows, toMembershipRows } from './rows.js';

const record = (value: object, key = 'default/vips·p1'): LogRecord => ({
  topic: 't',
  partition: 2,
  offset: 77,
  key,
  value: Buffer.from(JSON.stringify(value)),
  headers: {},
  timestamp: 0,
});
const at = '2026-01-02T03:04:05.678Z';
const membership = {
  workspaceId: 'default',
  audienceKey: 'vips',
  profileId: 'p1',
  member: true,
  since: at,
  epoch: 70,
  cause: 'event',
  causedBy: 'm1',
  identifiers: ['user_id:u1'],
};

describe('toMembershipRows', () => {
  it('makes a row with the epoch and the place in the log, which say what is newer', () => {
    expect(toMembershipRows(record(membership))).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          audience_key: 'vips',
          profile_id: 'p1',
          member: true,
          since: at,
          epoch: 70,
          cause: 'event',
          caused_by: 'm1',
          moved_to: '',
          identifiers: ['user_id:u1'],
          kafka_partition: 2,
          kafka_offset: 77,
        },
      ],
    });
  });

  it('skips epoch records, and how far the changes are told, by their keys', () => {
    const claim = { workspaceId: '@', claim: 'x', at };
    expect(toMembershipRows(record(claim, epochKey(2)))).toEqual({ ok: true, value: [] });
    expect(toMembershipRows(record({}, toldKey(2)))).toEqual({ ok: true, value: [] });
  });

  it('makes no row of a record without a value', () => {
    expect(toMembershipRows({ ...record(membership), value: null })).toEqual({ ok: true, value: [] });
  });
});

describe('toChangeRows', () => {
  it('makes a row of a change, under its id', () => {
    const { member: _member, since: _since, epoch: _epoch, ...rest } = membership;
    const change = { ...rest, id: '2-70-9', change: 'entered', at, movedTo: 'p2' };
    const headers = { schema: 'audience-change@1', epoch: '70', sequence: '12' };
    expect(toChangeRows({ ...record(change), headers })).toMatchObject({
      ok: true,
      value: [{ id: '2-70-9', change: 'entered', at, epoch: 70, moved_to: 'p2', caused_by: 'm1' }],
    });
  });

  it('leaves epoch records to the table of epochs, which leaves changes to this one', () => {
    const claim = { ...record({ workspaceId: '@', claim: 'x', at }, epochKey(2)), headers: { epoch: '70' } };
    expect(toChangeRows(claim)).toEqual({ ok: true, value: [] });
    expect(toEpochRows(claim)).toEqual({
      ok: true,
      value: [{ epoch: 70, kafka_partition: 2, kafka_offset: 77 }],
    });
    expect(toEpochRows(record({}))).toEqual({ ok: true, value: [] });
  });
});
