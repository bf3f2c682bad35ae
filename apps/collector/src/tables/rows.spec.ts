import { describe, expect, it } from '@jest/globals';
import { toRejectedRows, toReplayRows } from './rows.js';

const record = { topic: 't', partition: 0, offset: 5, key: 'web', headers: {}, timestamp: 0 };

describe('toRejectedRows', () => {
  it('keeps the bytes, the reasons, and what could be read of the call', () => {
    const message = {
      workspaceId: 'default',
      sourceId: 'web',
      receivedAt: '2026-01-02T03:04:05.678Z',
      route: '/v1/track',
      reasons: [{ code: 'required', field: 'event', message: 'a track call needs the name of the event' }],
      raw: 'e30=',
      parsed: { type: 'track' },
      rawIs: 'call',
      index: 2,
      request: { sentAt: '2026-01-02T03:04:05.000Z' },
    };
    expect(toRejectedRows({ ...record, value: Buffer.from(JSON.stringify(message)) })).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          source_id: 'web',
          received_at: '2026-01-02T03:04:05.678Z',
          route: '/v1/track',
          reasons: message.reasons,
          raw: 'e30=',
          parsed: '{"type":"track"}',
          raw_is: 'call',
          call_index: 2,
          request: '{"sentAt":"2026-01-02T03:04:05.000Z"}',
          kafka_partition: 0,
          kafka_offset: 5,
        },
      ],
    });
  });
});

describe('toReplayRows', () => {
  const message = {
    workspaceId: 'default',
    sourceId: 'web',
    rejected: { partition: 3, offset: 120 },
    at: '2026-01-02T03:04:05.678Z',
    accepted: 2,
  };
  const replayed = {
    ...record,
    headers: { schema: 'replayed@1' },
    value: Buffer.from(JSON.stringify(message)),
  };

  it('names the rejected record, which makes no row among the rejected', () => {
    expect(toReplayRows(replayed)).toEqual({
      ok: true,
      value: [
        {
          workspace_id: 'default',
          source_id: 'web',
          rejected_partition: 3,
          rejected_offset: 120,
          replayed_at: message.at,
          accepted: 2,
          kafka_partition: 0,
          kafka_offset: 5,
        },
      ],
    });
    expect(toRejectedRows(replayed)).toEqual({ ok: true, value: [] });
  });

  it('refuses what is of neither schema once', () => {
    const broken = { ...record, value: Buffer.from('{') };
    expect([toRejectedRows(broken).ok, toReplayRows(broken).ok]).toEqual([false, true]);
  });
});
