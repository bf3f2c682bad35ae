import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RejectedMessage } from '@tributary/contracts';
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

const identify = (userId: string) => `{"type":"identify","userId":"${userId}"}`;
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const rawOf = ({ raw }: RejectedMessage) => Buffer.from(raw, 'base64');

describe('text', () => {
  it.each(['Müller', 'Möller'])('that is not UTF-8 names nobody: %s', async (name) => {
    expect(await collector.post('/v1/identify', latin1(identify(name)))).toMatchObject({
      status: 400,
      body: { code: 'invalid_utf8', message: expect.stringMatching(/at userId, byte 30$/) as unknown },
    });
    expect(collector.events()).toEqual([]);
    expect(collector.rejected().map(rawOf)).toEqual([latin1(identify(name))]);
  });

  it('that is not UTF-8 in one call costs the others nothing', async () => {
    const batch = latin1(`{"batch":[${identify('ann')},${identify('Müller')},${identify('Möller')}]}`);
    expect(await collector.post('/v1/batch', batch)).toMatchObject({
      status: 200,
      body: {
        accepted: 1,
        rejected: [
          { index: 1, code: 'invalid_utf8', field: 'userId' },
          { index: 2, code: 'invalid_utf8', message: expect.stringContaining('batch[2].userId') as unknown },
        ],
      },
    });
    expect(collector.rejected().map(rawOf)).toEqual([latin1(identify('Müller')), latin1(identify('Möller'))]);
  });

  const utf16 = Buffer.from(`\ufeff${identify('Müller')}`, 'utf16le');
  it.each([
    ['iso-8859-1', latin1(identify('Müller'))],
    ['"ISO-8859-1"', latin1(identify('Müller'))],
    ['windows-1252', latin1(identify('Müller'))],
    ['utf-16', utf16],
    ['utf-16le', utf16.subarray(2)],
    ['utf-16be', Buffer.from(utf16.subarray(2)).swap16()],
    ['utf-8', utf16],
    ['', utf16],
    ['', Buffer.from(utf16).swap16()],
    ['', utf16.subarray(2)],
    ['', Buffer.from(`\ufeff${identify('Müller')}`)],
  ])('of charset %s becomes what it says', async (charset, body) => {
    const type = charset === '' ? 'application/json' : `application/json; charset=${charset}`;
    expect(await collector.post('/v1/identify', body, { 'content-type': type })).toMatchObject({
      status: 200,
    });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['Müller']);
  });

  it('that is not of its charset is kept', async () => {
    const body = Buffer.concat([utf16, Buffer.from([0x00])]);
    expect(await collector.post('/v1/identify', body)).toMatchObject({
      status: 400,
      body: { code: 'malformed_charset' },
    });
    expect(collector.rejected().map(rawOf)).toEqual([body]);
  });

  it('in a line that is not UTF-8 costs that line', async () => {
    const file = latin1([identify('ann'), identify('Müller'), identify('bob')].join('\n'));
    expect(await collector.post('/v1/import', file, NDJSON_TYPE)).toMatchObject({
      body: { accepted: 2, errors: [{ line: 2, code: 'invalid_utf8', field: 'userId' }] },
    });
    const declared = { 'content-type': 'application/x-ndjson; charset=iso-8859-1' };
    expect(await collector.post('/v1/import', file, declared)).toMatchObject({ body: { accepted: 3 } });
  });

  it('of a pixel that is not UTF-8 names nobody', async () => {
    const data = latin1(identify('Müller')).toString('base64url');
    await collector.call('GET', `/v1/pixel/identify?writeKey=key&data=${data}`, '');
    await collector.call('GET', '/v1/pixel/identify?writeKey=key&userId=M%FCller', '');
    expect(collector.events()).toEqual([]);
    expect(collector.rejected()).toHaveLength(2);
  });
});

describe('a batch of which one call is no JSON', () => {
  const good = [0, 1, 2, 4, 5].map((i) => identify(`u${i}`));
  const bad = (value: string) =>
    `{"type":"track","event":"E","userId":"u3","messageId":"m3","properties":{"v":${value}}}`;
  const batchOf = (call: string) =>
    `{"batch":[${[...good.slice(0, 3), call, ...good.slice(3)].join(',')}],"sentAt":"2026-01-02T03:04:05Z"}`;

  it.each(['NaN', 'Infinity', '-Infinity', '[1,]', '{"a":1,}', '[,1]', String.raw`"\x41"`, 'None', '"a\nb"'])(
    'loses that one alone: %s',
    async (value) => {
      const body = batchOf(bad(value));
      const answer = await collector.post('/v1/batch', body);
      expect(answer).toMatchObject({
        status: 200,
        body: {
          accepted: 5,
          rejected: [
            {
              index: 3,
              messageId: 'm3',
              code: 'malformed_json',
              field: expect.stringMatching(/^properties.v/) as unknown,
            },
          ],
        },
      });
      const {
        rejected: [one],
      } = answer.body as { readonly rejected: readonly [{ readonly message: string }] };
      const [, place, byte] = /at (\S+), byte (\d+)$/.exec(one.message) ?? [];
      expect(place).toMatch(/^batch\[3\]\.properties\.v/);
      expect(Number(byte)).toBeGreaterThanOrEqual(body.indexOf(value));
      expect(Number(byte)).toBeLessThan(body.indexOf(value) + value.length);
      expect(collector.rejected()).toEqual([
        expect.objectContaining({ rawIs: 'call', index: 3, request: { sentAt: '2026-01-02T03:04:05.000Z' } }),
      ]);
      expect(collector.rejected().map((one) => rawOf(one).toString())).toEqual([bad(value)]);
    },
  );

  it('takes all of its calls where only a comma is too many', async () => {
    expect(await collector.post('/v1/batch', `{"batch":[${good.join(',,')},]}`)).toMatchObject({
      body: { accepted: 5 },
    });
  });

  it('finds its write key all the same', async () => {
    const body = batchOf(bad('NaN')).replace('{', '{"writeKey":"key",');
    expect(await collector.post('/v1/batch', body, { ...JSON_TYPE, authorization: '' })).toMatchObject({
      body: { accepted: 5 },
    });
  });

  it.each([
    [`{"batch":[${good.join(',')}],"context":{"a":NaN}}`, 'context.a'],
    [`{"batch":[${good.join(',')}`, 'batch[4]'],
    [batchOf('{"a":"b'), 'batch[3]'],
  ])('is refused whole, with the place, where the calls cannot be told apart: %s', async (body, place) => {
    const answer = await collector.post('/v1/batch', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
    expect((answer.body as { readonly message: string }).message).toContain(place);
    expect(collector.rejected().map((one) => rawOf(one).toString())).toEqual([body]);
  });

  it('says of a line and of a single call where the fault is', async () => {
    const file = `${good[0]}\n${bad('NaN')}\n`;
    expect(await collector.post('/v1/import', file, NDJSON_TYPE)).toMatchObject({
      body: {
        accepted: 1,
        errors: [
          {
            line: 2,
            field: 'properties.v',
            message: expect.stringMatching(/NaN, at properties.v, byte \d+$/) as unknown,
          },
        ],
      },
    });
    expect(await collector.post('/v1/track', bad('NaN'))).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/NaN, at properties.v, byte \d+$/) as unknown },
    });
  });
});
