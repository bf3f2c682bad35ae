import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { JSON_TYPE, NDJSON_TYPE, startInMemoryCollector } from '../http/collector.fixture.js';

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

describe('a file', () => {
  const calls = ['ann', 'Bö', 'cleo'].map((userId, i) => ({ type: 'identify', userId, messageId: `m${i}` }));
  const texts = calls.map((call) => JSON.stringify(call));
  const lines = texts.join('\n');
  const BOM = '\ufeff';
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const TYPES = [NDJSON_TYPE, JSON_TYPE, {}];

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
  ])('of another kind is one error that says what it is: %s', async (kind, body) => {
    expect(await collector.post('/v1/import', body, NDJSON_TYPE)).toMatchObject({
      status: 400,
      body: { code: 'unreadable_file', message: expect.stringContaining(kind) as unknown },
    });
    expect(collector.log.records).toEqual([]);
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
