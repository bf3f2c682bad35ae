import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { REQUEST_LIMITS } from '../limits.js';
import { JSON_TYPE, NDJSON_TYPE, startInMemoryCollector } from '../../test/collector.fixture.js';

let collector: Awaited<ReturnType<typeof startInMemoryCollector>>;
beforeAll(async () => {
  collector = await startInMemoryCollector();
});
afterAll(async () => {
  await collector.service.close();
});
beforeEach(() => {
  collector.log.records.length = 0;
});

async function counted(metric: string, source: string, code: string): Promise<number> {
  const named = `tributary_collector_${metric}{source="${source}",code="${code}",`;
  const line = (await collector.metrics()).split('\n').find((one) => one.startsWith(named));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('a file', () => {
  const calls = ['ann', 'Bö', 'cleo'].map((userId, i) => ({ type: 'identify', userId, messageId: `m${i}` }));
  const texts = calls.map((call) => JSON.stringify(call));
  const lines = texts.join('\n');
  const BOM = '\ufeff';
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const TYPES = [
    NDJSON_TYPE,
    JSON_TYPE,
    {},
    ...[
      'text/csv',
      'text/csv; charset=utf-8',
      'application/gzip',
      'application/x-gzip',
      'application/json-lines',
      'text/html',
      'application/vnd.ms-excel',
      '',
    ].map((type) => ({ 'content-type': type })),
  ];

  it.each<[string, string | Buffer]>([
    ['lines', lines],
    ['lines of Windows', texts.join('\r\n')],
    ['lines of an old Mac', texts.join('\r')],
    ['an array', JSON.stringify(calls)],
    ['an array over several lines', `${BOM}\n${JSON.stringify(calls, null, 2)}\n`],
    ['a batch over several lines', JSON.stringify({ batch: calls }, null, 2)],
    ['a batch in a line', `${JSON.stringify({ batch: calls })}\n`],
    ['UTF-16', utf16(`${BOM}${texts.join('\r\n')}`)],
    ['UTF-16 with its large end first', utf16(BOM + lines).swap16()],
    ['UTF-16 without a mark', utf16(lines)],
    ['an array in UTF-16', utf16(BOM + JSON.stringify(calls))],
    ['gzip without its header', gzipSync(lines)],
    ['files one after another, each with a mark', texts.map((text) => BOM + text).join('\n')],
  ])('is read as %s, whatever its type says', async (_form, body) => {
    for (const headers of TYPES) {
      collector.log.records.length = 0;
      expect(await collector.post('/v1/import/', body, headers)).toMatchObject({
        status: 200,
        body: { accepted: 3 },
      });
      expect(collector.events().map(({ userId, messageId }) => [userId, messageId])).toEqual(
        calls.map(({ userId, messageId }) => [userId, messageId]),
      );
    }
  });

  it.each<[string, string | Buffer]>([
    ['a ZIP archive', Buffer.from('PK\u0003\u0004...')],
    ['Parquet', 'PAR1...'],
    ['XML', '<?xml version="1.0"?><calls/>'],
    ['CSV', 'userId,email\nann,ann@example.com\n'],
    ['CSV', '"userId";"email"\n"ann";"ann@example.com"\n'],
    ['form', '--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name="file"\r\n'],
    ['--data-binary', '--x1\r\nContent-Disposition: form-data; name="file"\r\n\r\n{}\r\n--x1--'],
  ])(
    'of another kind is one error that says what it is, and is kept, whatever its type says: %s',
    async (kind, body) => {
      for (const headers of [...TYPES, { 'content-type': 'multipart/form-data; boundary=x1' }]) {
        collector.log.records.length = 0;
        expect(await collector.post('/v1/import', body, headers)).toMatchObject({
          status: 400,
          body: { code: 'unreadable_file', message: expect.stringContaining(kind) as unknown },
        });
        expect(collector.rejected()).toEqual([
          expect.objectContaining({
            sourceId: 'default',
            route: '/v1/import',
            rawIs: 'request',
            raw: Buffer.from(body).toString('base64'),
            reasons: [
              { code: 'unreadable_file', field: '', message: expect.stringContaining(kind) as unknown },
            ],
          }),
        ]);
      }
    },
  );

  it('that is refused and larger than any other body is kept as far as that, its answer counted', async () => {
    const before = await counted('events_rejected_total', 'default', 'unreadable_file');
    const table = `userId,email\n${'ann,ann@example.com\n'.repeat(26_000)}`;
    expect(table.length).toBeGreaterThan(REQUEST_LIMITS.bodyBytes);
    expect(await collector.post('/v1/import', gzipSync(table), NDJSON_TYPE)).toMatchObject({ status: 400 });
    const [kept] = collector.rejected();
    expect(Buffer.from(kept?.raw ?? '', 'base64').toString()).toBe(table.slice(0, REQUEST_LIMITS.bodyBytes));
    expect(await counted('events_rejected_total', 'default', 'unreadable_file')).toBe(before + 1);
  });

  it.each<[string, Buffer, Record<string, string>]>([
    ['malformed_encoding', Buffer.from('no gzip'), { ...NDJSON_TYPE, 'content-encoding': 'gzip' }],
    ['malformed_encoding', Buffer.from('1653438d02f7', 'hex'), { ...NDJSON_TYPE, 'content-encoding': 'br' }],
    ['malformed_charset', Buffer.from([0xff, 0xfe, 0x7b]), NDJSON_TYPE],
    ['empty_batch', Buffer.from(' \n\n'), NDJSON_TYPE],
  ])('of which nothing can be read is kept as it came: %s', async (code, body, headers) => {
    expect(await collector.post('/v1/import', body, headers)).toMatchObject({ status: 400, body: { code } });
    expect(collector.rejected().map(({ raw, reasons }) => [raw, reasons[0]?.code])).toEqual([
      [body.toString('base64'), code],
    ]);
  });

  it('that ends in the middle keeps what was read before, and what is given up is counted', async () => {
    const zipped = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ ...calls[0], messageId: `g${i}` })).join(
        '\n',
      ),
    );
    const before = await counted('requests_not_kept_total', 'default', 'malformed_encoding');
    const answer = await collector.post('/v1/import', zipped.subarray(0, -20), NDJSON_TYPE);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_encoding', rejected: 0 } });
    expect((answer.body as { accepted: number }).accepted).toBe(collector.events().length);
    expect(collector.events().length).toBeGreaterThan(0);
    expect(collector.rejected()).toEqual([]);
    expect(await counted('requests_not_kept_total', 'default', 'malformed_encoding')).toBe(before + 1);
  });

  it('that is an array may be larger than any other body, and names the element that is none', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ ...calls[0], messageId: `n${i}` }));
    const text = JSON.stringify(many).replace('"n7"', 'NaN');
    expect(await collector.post('/v1/import', text, JSON_TYPE)).toMatchObject({
      body: {
        lines: 10_000,
        accepted: 9_999,
        errors: [{ line: 8, code: 'malformed_json', field: 'messageId' }],
      },
    });
  });

  it('that is no text of its charset says so', async () => {
    const cut = Buffer.concat([utf16(BOM + lines), Buffer.from([0])]);
    expect(await collector.post('/v1/import', cut, NDJSON_TYPE)).toMatchObject({
      status: 400,
      body: { code: 'malformed_charset' },
    });
  });
});
