import { describe, expect, it } from '@jest/globals';
import { toRejectedRows } from './mapping.js';

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
    };
    const record = { topic: 't', partition: 0, offset: 5, key: 'web', headers: {}, timestamp: 0 };
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
          kafka_partition: 0,
          kafka_offset: 5,
        },
      ],
    });
  });
});
