import { Module } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REPLAY_LIMITS } from '@tributary/contracts';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { AccessModule } from '../access/access.module.js';
import { HttpModule } from '../http/http.module.js';
import { InMemoryReplayer } from '../../test/in-memory.replayer.js';
import { RunningApi } from '../../test/running-api.fixture.js';
import { ClickHouseRejectedEvents } from './clickhouse.rejected-events.js';
import { rawText } from './raw-text.js';
import { RejectedController } from './rejected.controller.js';
import { RejectedService } from './rejected.service.js';
import { HttpReplayer } from './http.replayer.js';

const at = (offset: number) => `2026-01-02T03:04:0${offset}.000Z`;
const row = (kafka_offset: number, code: string, raw = '{"type":"track"}') => ({
  source_id: kafka_offset % 2 === 0 ? 'web' : 'shop',
  received_at: at(kafka_offset),
  route: '/v1/batch',
  reasons: [{ code, field: 'event', message: 'm' }],
  raw: Buffer.from(raw, 'latin1').toString('base64'),
  raw_is: 'call',
  kafka_partition: 1,
  kafka_offset,
});

let replayer: InMemoryReplayer;

@Module({
  imports: [HttpModule, AccessModule, DocumentsModule, ClickHouseModule],
  controllers: [RejectedController],
  providers: [
    RejectedService,
    ClickHouseRejectedEvents,
    { provide: HttpReplayer, useFactory: () => (replayer = new InMemoryReplayer('malformed_json')) },
  ],
})
class RejectedOverReplayerModule {}

const api = new RunningApi(RejectedOverReplayerModule);

beforeAll(async () => {
  await api.start();
  await api.insert('rejected_events', [
    row(0, 'missing_event_name', '{"writeKey":"secret","type":"track"}'),
    row(1, 'missing_event_name'),
    row(2, 'invalid_timestamp'),
    row(3, 'malformed_json', '\xff\xfe"writeKey":"secret"'),
    row(4, 'missing_event_name', '{}'),
    row(5, 'missing_event_name', 'x'.repeat(REPLAY_LIMITS.rawCharacters)),
  ]);
  await api.insert('rejected_replays', [
    { rejected_partition: 1, rejected_offset: 4, replayed_at: '2026-01-03T00:00:00.000Z' },
  ]);
});
afterAll(async () => {
  await api.stop();
});
beforeEach(() => {
  replayer.requests.length = 0;
  replayer.failure = undefined;
});

async function ask(path: string, body?: unknown) {
  const answer = await api.ask(body === undefined ? 'GET' : 'POST', `/v1/rejected${path}`, body);
  return { status: answer.status, body: answer.body as Shown };
}

interface Shown {
  readonly data: readonly { readonly id: string }[];
  readonly cursor: { readonly next: string | null; readonly hasMore: boolean };
}
const ids = ({ body }: { readonly body: Shown }) => body.data.map(({ id }) => id);

describe('GET /v1/rejected', () => {
  it('shows what is open, the latest first, page by page', async () => {
    const first = await ask('?limit=3');
    expect(ids(first)).toEqual(['1-5', '1-3', '1-2']);
    const next = await ask(`?limit=3&cursor=${first.body.cursor.next}`);
    expect([ids(next), next.body.cursor]).toEqual([['1-1', '1-0'], { next: null, hasMore: false }]);
    for (const other of ['?state=all&limit=3', '/groups?limit=3']) {
      expect(await ask(`${other}&cursor=${first.body.cursor.next}`)).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'cursor' }] } },
      });
    }
  });

  it.each([
    ['source=shop', ['1-5', '1-3', '1-1']],
    ['code=invalid_timestamp', ['1-2']],
    ['from=2026-01-02T03:04:01Z&to=2026-01-02T03:04:03Z', ['1-2', '1-1']],
    ['state=replayed', ['1-4']],
    ['route=/v1/track', []],
  ])('finds by %s', async (query, expected) => {
    expect(ids(await ask(`?${query}`))).toEqual(expected);
  });

  it('refuses a code that there is not, and names the nearest', async () => {
    const message = 'code invalid_timestmp is no code of a reason; did you mean invalid_timestamp?';
    for (const refused of [
      await ask('?code=invalid_timestmp'),
      await ask('/groups?code=invalid_timestmp'),
      await ask('/replay', { filter: { code: 'invalid_timestmp' } }),
    ]) {
      expect(refused).toMatchObject({ status: 400, body: { error: { message } } });
    }
    for (const code of ['plan_violation', 'line_too_long']) {
      expect((await ask(`?code=${code}`)).status).toBe(200);
    }
  });

  it.each(['from=yesterday', 'state=some', 'cursor=eHh4', 'limit=0', 'writeKey=x'])(
    'refuses %s',
    async (query) => {
      expect(await ask(`?${query}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
    },
  );

  it('shows one whole, and no write key, in text and in other bytes', async () => {
    expect(await ask('/1-0')).toMatchObject({
      status: 200,
      body: {
        id: '1-0',
        sourceId: 'web',
        raw: { encoding: 'utf-8', text: '{"writeKey":"(hidden)","type":"track"}', cut: false },
      },
    });
    const shown = (await ask('/1-3')).body as unknown as { raw: { encoding: string; text: string } };
    expect(shown.raw.encoding).toBe('base64');
    expect(Buffer.from(shown.raw.text, 'base64').toString('latin1')).toBe('\xff\xfe"writeKey":"(hidden)"');
  });

  it('says which there are not', async () => {
    expect(await ask('/9-9')).toMatchObject({ status: 404, body: { error: { code: 'rejected_not_found' } } });
    expect(await ask('/nine')).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });
});

describe('GET /v1/rejected/groups', () => {
  it('counts by what it is asked, with the last as a sample', async () => {
    expect(await ask('/groups?by=code&code=missing_event_name')).toMatchObject({
      status: 200,
      body: {
        data: [
          {
            code: 'missing_event_name',
            count: 3,
            firstAt: '2026-01-02T03:04:00.000Z',
            lastAt: '2026-01-02T03:04:05.000Z',
            sample: { id: '1-5' },
          },
        ],
      },
    });
  });

  it('goes page by page', async () => {
    const first = await ask('/groups?limit=3');
    const rest = await ask(`/groups?limit=3&cursor=${first.body.cursor.next}`);
    expect([first.body.data.length, rest.body.data.length, rest.body.cursor.hasMore]).toEqual([3, 1, false]);
  });

  it('refuses what it cannot group by', async () => {
    expect(await ask('/groups?by=code,user')).toMatchObject({ status: 400 });
  });
});

describe('POST /v1/rejected/replay', () => {
  it('replays what is open, oldest first, and tells what passed and what did not', async () => {
    const mapping = [{ op: 'set', path: 'event', value: 'Mended' }];
    const answer = await ask('/replay', { filter: {}, mapping, limit: 4, samples: 1 });
    expect(answer).toEqual({
      status: 200,
      body: {
        dryRun: false,
        records: 4,
        passed: 3,
        failed: 1,
        calls: { accepted: 3, rejected: 1 },
        reasons: [{ code: 'malformed_json', field: 'event', count: 1 }],
        failures: [{ id: '1-3', reasons: [{ code: 'malformed_json', field: 'event', message: 'm' }] }],
        samples: [{ id: '1-0', calls: [{ before: 1, after: 2 }] }],
        skipped: [],
        cursor: { next: expect.any(String), hasMore: true },
      },
    });
    expect(replayer.requests).toMatchObject([{ dryRun: false, mapping: { body: [], calls: mapping } }]);
    const rest = await ask('/replay', { filter: {}, cursor: answer.body.cursor.next, dryRun: true });
    expect(rest.body).toMatchObject({ dryRun: true, records: 1, cursor: { next: null, hasMore: false } });
  });

  it('sends no more bytes at once than the collector takes', async () => {
    const { body } = await ask('/replay', { filter: {} });
    expect(body).toMatchObject({ records: 4, cursor: { hasMore: true } });
  });

  it('skips what was replayed, and what is not there', async () => {
    const { body } = await ask('/replay', { ids: ['1-1', '1-4', '9-9'] });
    expect(body).toMatchObject({ records: 1, passed: 1, skipped: ['1-4', '9-9'] });
  });

  it.each([
    [{}, 'ids or filter'],
    [{ ids: ['1-1'], filter: {} }, 'ids or filter'],
    [{ filter: {}, mapping: [{ op: 'rename', from: 'a' }] }, 'mapping[0]'],
    [{ filter: { cod: 'x' } }, 'filter'],
    [{ filter: {}, limit: 1_000 }, 'limit'],
    [{ ids: ['x'] }, 'ids'],
  ])('refuses %j', async (body, message) => {
    const answer = await ask('/replay', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(JSON.stringify(answer.body)).toContain(message);
  });

  it('is to be asked again when the collector is away', async () => {
    replayer.failure = { code: 'unavailable', message: 'away' };
    expect(await ask('/replay', { filter: {} })).toMatchObject({ status: 503 });
  });
});

describe('rawText', () => {
  it('hides a write key that is cut, and shows a text that is cut within a character', () => {
    const cut = Buffer.from('{"name":"ä","writeKey":"sec').toString('base64');
    expect(rawText(cut, 100)).toMatchObject({ text: '{"name":"ä","writeKey":"(hidden)"', cut: true });
    const within = Buffer.from('"ä"').subarray(0, 2).toString('base64');
    expect(rawText(within, 4)).toMatchObject({ encoding: 'utf-8', text: '"' });
  });
});
