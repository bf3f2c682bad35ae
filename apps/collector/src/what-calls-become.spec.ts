import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uniqueName } from '@tributary/testing';
import { flagsOf, runningCollector } from '../test/running-collector.fixture.js';

let collector: Awaited<ReturnType<typeof runningCollector>>;
beforeAll(async () => {
  collector = await runningCollector();
});
afterAll(async () => {
  await collector.stop();
});

const track = { type: 'track', event: 'Bought', userId: 'ann' };

describe('numbers', () => {
  const call = (properties: string) =>
    `{"type":"track","event":"Bought","userId":"ann","properties":${properties}}`;

  it('that no double holds are text with the same digits, wherever they are, and flagged', async () => {
    const properties =
      '{"order_id":820982911946154508,"iccid":89014103211118510720,"least":-9223372036854775808,"much":1e400,"list":[{"n":0.12345678901234567891}]}';
    const event = await collector.become(call(properties));
    expect(event.properties).toEqual({
      order_id: '820982911946154508',
      iccid: '89014103211118510720',
      least: '-9223372036854775808',
      much: '1e400',
      list: [{ n: '0.12345678901234567891' }],
    });
    expect(flagsOf(event)).toEqual(
      ['order_id', 'iccid', 'least', 'much', 'list.0.n'].map((name) => `number_as_text properties.${name}`),
    );
  });

  it('that a double holds stay numbers', async () => {
    const event = await collector.become(
      call('{"a":9007199254740991,"b":129.90000000000001,"c":1e300,"d":-0.5}'),
    );
    expect(event.properties).toEqual({ a: 9007199254740991, b: 129.90000000000001, c: 1e300, d: -0.5 });
    expect(flagsOf(event)).toEqual([]);
  });

  it('of traits, of the context of a batch and of lines of a file are no exception', async () => {
    const ids = [uniqueName('batch'), uniqueName('line')] as const;
    const traits = '"type":"identify","userId":"ann","traits":{"card":4111111111111111111}';
    await collector.post(
      '/v1/batch',
      `{"context":{"n":12345678901234567890},"batch":[{"messageId":"${ids[0]}",${traits}}]}`,
    );
    await collector.post('/v1/import', `{"messageId":"${ids[1]}",${traits}}`, {
      'content-type': 'application/x-ndjson',
    });
    const [batch, line] = [await collector.event(ids[0]), await collector.event(ids[1])];
    expect([batch.traits, line.traits]).toEqual([
      { card: '4111111111111111111' },
      { card: '4111111111111111111' },
    ]);
    expect(batch.context.n).toBe('12345678901234567890');
    expect(flagsOf(batch)).toEqual(['number_as_text traits.card', 'number_as_text context.n']);
    expect(flagsOf(line)).toEqual(['number_as_text traits.card']);
  });
});

describe('JSON that readers read differently', () => {
  it.each([
    ['{"v":1,"v":2}', '{"v":2}', []],
    ['{"a":{"v":1,"w":3,"v":2}}', '{"a":{"v":2,"w":3}}', []],
    ['{"a.b":1,"a":{"b":2}}', '{"a":{"b":2}}', ['repeated_field properties.a.b']],
    ['{"a.b":1,"a":{"c":2}}', '{"a.b":1,"a":{"c":2}}', []],
    ['{"t":"half \\ud83d"}', '{"t":"half \ufffd"}', ['lone_surrogate properties.t']],
    ['{"t":"\\ud83d\\ude00"}', '{"t":"\\ud83d\\ude00"}', []],
  ])('%s is in the log as %s', async (given, expected, flags) => {
    const event = await collector.become(`{"type":"track","event":"E","userId":"ann","properties":${given}}`);
    expect(collector.textOf(event.messageId)).toContain(`"properties":${expected}`);
    expect(flagsOf(event)).toEqual(flags);
  });

  it('is an empty object where PHP writes an empty array', async () => {
    const event = await collector.become({ ...track, properties: [], traits: [], context: [] });
    expect(event).toMatchObject({ properties: {}, traits: {}, context: {} });
    const inside = await collector.become({ ...track, context: { traits: [], device: [] } });
    expect(inside.context).toMatchObject({ traits: {}, device: {} });
    const messageId = uniqueName('php');
    const batch = await collector.post('/v1/batch', { batch: [{ ...track, messageId }], context: [] });
    expect(batch).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect(await collector.post('/v1/batch', { batch: [{ ...track, properties: [1] }] })).toMatchObject({
      status: 400,
      body: { rejected: [{ code: 'invalid_field', field: 'properties', message: 'expected an object' }] },
    });
  });

  it('does not say what the platform says of it', async () => {
    const forged = { flags: [{ code: 'clock_corrected', field: 'timestamp' }], violations: [{ code: 'x' }] };
    const event = await collector.become({ ...track, context: { tributary: forged } });
    expect(event.context.tributary).toEqual({
      flags: [{ code: 'reserved_field', field: 'context.tributary' }],
    });
  });
});

describe('identifiers', () => {
  it.each(['(null)', '<nil>', 'N/A', 'unknown', '{{user_id}}', '${userId}', '[object Object]'])(
    'are none of the value %s',
    async (userId) => {
      const event = await collector.become({ ...track, userId, anonymousId: 'a1' });
      expect(event.identifiers).toEqual(['anonymous_id:a1']);
      expect(flagsOf(event)).toEqual(['blocked_value userId']);
    },
  );

  it('are none of a device that gives none, of what is no e-mail address and of what is no phone number', async () => {
    const traits = { email: 'not-an-email', phone: 'n/a' };
    for (const advertisingId of ['limited', '00000000-0000-0000-0000-000000000000']) {
      const context = { device: { type: 'ios', advertisingId } };
      const event = await collector.become({ type: 'identify', userId: 'ann', traits, context });
      expect(event).toMatchObject({ identifiers: ['user_id:ann'], traits });
      expect(flagsOf(event)).toEqual([
        'not_an_email traits.email',
        'blocked_value traits.phone',
        'blocked_value context.device.advertisingId',
      ]);
    }
  });

  it('are the anonymous id that a server library calls the previous one', async () => {
    const alias = await collector.become({ type: 'alias', previousId: 'a', userId: 'b' });
    expect(alias.identifiers).toEqual(['user_id:b', 'anonymous_id:a']);
    expect(flagsOf(alias)).toEqual([]);
  });

  it('say what of them is not linked', async () => {
    const emails = Array.from({ length: 6 }, (_, i) => ({ type: 'email', id: `e${i}@example.com` }));
    const externalIds = [{ type: 'my crm', id: 'c1' }, { type: 'a:b', id: 'c2' }, ...emails];
    const event = await collector.become({ ...track, context: { externalIds } });
    expect(event.identifiers).toHaveLength(7);
    expect(flagsOf(event)).toEqual([
      'invalid_external_id context.externalIds.0',
      'invalid_external_id context.externalIds.1',
      'link_refused context.externalIds.7.id',
    ]);
  });
});
