import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { TablesDriver } from '@tributary/drivers';
import { COLLECTOR_SCHEMA } from './migrations.js';
import { COLLECTOR_SINKS } from './sinks.js';

const at = '2026-01-02T03:04:05.678Z';

describe("the collector's tables", () => {
  const tables = new TablesDriver([COLLECTOR_SCHEMA], COLLECTOR_SINKS);
  const rows = (query: string) => tables.rows(query);

  beforeAll(() => tables.start());
  afterAll(() => tables.close());

  it('keep what was rejected, once, with its reasons', async () => {
    const reasons = [
      { code: 'required', field: 'event', message: 'a track call needs the name of the event' },
    ];
    const message = {
      workspaceId: 'w',
      sourceId: 'web',
      receivedAt: at,
      route: '/v1/track',
      reasons,
      raw: 'e30=',
    };
    await tables.feed(TOPICS.rejected, [message, message], { from: 3 });
    await tables.feed(TOPICS.rejected, [message], { from: 3 });
    expect(await rows('SELECT * FROM rejected_events FINAL ORDER BY kafka_offset LIMIT 1')).toEqual([
      {
        workspace_id: 'w',
        source_id: 'web',
        received_at: at,
        route: '/v1/track',
        reasons,
        raw: 'e30=',
        parsed: '',
        kafka_partition: 0,
        kafka_offset: 3,
        raw_is: '',
        call_index: -1,
        request: '',
      },
    ]);
    expect(await rows('SELECT count() AS rows FROM rejected_events FINAL')).toEqual([{ rows: 2 }]);
  });
});
