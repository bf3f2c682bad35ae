import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { execFile } from 'node:child_process';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(240_000);

const underTest = new PlatformUnderTest();
const identify = (ids: object, traits: Readonly<Record<string, unknown>>, timestamp?: string) =>
  underTest.client.send({
    type: 'identify',
    ...ids,
    traits,
    ...(timestamp === undefined ? {} : { timestamp }),
  });

const RULES = {
  'first.source': 'earliest',
  city: 'non_empty',
  best: 'max',
  least: 'min',
  tags: 'union',
  paid: 'add',
};

/** Recomputes all from the log. */
async function verify(): Promise<{ readonly code: unknown; readonly says: string }> {
  const { brokers, clickhouseUrl } = underTest.platform;
  const { apiUrl, apiToken } = underTest.client.address;
  const env = {
    ...process.env,
    ...{ KAFKA_BROKERS: brokers, CLICKHOUSE_URL: clickhouseUrl },
    ...{ API_PORT: new URL(apiUrl).port, TRIBUTARY_API_TOKEN: apiToken },
  };
  const main = new URL('../../../tools/verify/dist/main.js', import.meta.url).pathname;
  return new Promise((resolve) => {
    execFile(process.execPath, [main], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, says: stdout + stderr });
    });
  });
}

describe('rules of traits', () => {
  it('hold for history, for what comes late and for whoever becomes one person, in profiles and audiences alike', async () => {
    const { client } = underTest;
    await identify(
      { userId: 'ann' },
      { 'first.source': { ad: [1] }, city: 'Rome', best: 7, least: '7', tags: ['a'], paid: 0.1 },
    );
    await identify(
      { userId: 'ann' },
      { 'first.source': 'mail', city: '', best: 3, least: '9', tags: 'b', paid: '0.2' },
    );
    for (const [name, merge] of Object.entries(RULES)) await client.putTraitRule(name, merge);
    await client.putAudience('rich', "trait('paid') >= 1");
    const before = {
      ...{ best: 7, city: 'Rome', 'first.source': { ad: [1] } },
      ...{ least: '7', paid: 0.3, tags: ['a', 'b'] },
    };
    const ann = await underTest.profile(
      'user_id:ann',
      ({ traits }) => traits.paid === 0.3 && traits.best === 7,
    );
    expect(ann.traits).toEqual(before);
    expect(Object.keys(ann.traitSources).sort()).toEqual(['best', 'city', 'first.source', 'least']);

    await identify({ anonymousId: 'phone' }, { best: 9, paid: 0.7, tags: ['c'], city: null });
    await identify({ anonymousId: 'phone' }, { 'first.source': 'tv' }, '2020-01-01T00:00:00.000Z');
    await identify({ userId: 'ann', anonymousId: 'phone' }, {});
    const after = { ...before, best: 9, 'first.source': 'tv', paid: 1, tags: ['a', 'b', 'c'] };
    const merged = await underTest.profile('anonymous_id:phone', ({ traits }) => traits.paid === 1);
    expect(merged.traits).toEqual(after);
    await eventually(() => client.members('rich'), {
      until: (members) => members.includes(merged.profileId),
      withinMs: 60_000,
      what: 'the person to be in the audience by the sum that the profile shows',
    });

    await client.ask('DELETE', '/v1/trait-rules/paid');
    const latest = await underTest.profile('user_id:ann', ({ traits }) => traits.paid !== 1);
    expect(latest.traits.paid).toBe(0.7);
    await eventually(() => client.members('rich'), {
      until: (members) => members.length === 0,
      withinMs: 60_000,
      what: 'the audience to be by the latest value',
    });
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('are not in the way of too many traits, nor of a value that is too large', async () => {
    const { client } = underTest;
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`t${i}`, 1]));
    const answer = await client.post(
      '/v1/batch',
      JSON.stringify({ batch: [{ type: 'identify', userId: 'many', traits: many }] }),
    );
    expect(await answer.text()).toContain('event_too_large');
    const large = JSON.stringify({
      batch: [{ type: 'identify', userId: 'large', traits: { text: 'x'.repeat(5_000_000) } }],
    });
    expect((await client.post('/v1/batch', large)).status).toBe(413);
    const line = (userId: string, text: string) =>
      JSON.stringify({ type: 'identify', userId, traits: { text } });
    const file = [line('large', 'x'.repeat(5_000_000)), line('small', 'fits')].join('\n');
    expect(await (await client.post('/v1/import', file)).json()).toMatchObject({ accepted: 1, rejected: 1 });
    expect(
      (await underTest.profile('user_id:small', ({ traits }) => traits.text === 'fits')).truncated,
    ).toBeUndefined();
    const fitting = Object.fromEntries(Object.entries(many).slice(0, 2_500));
    await identify({ userId: 'many' }, fitting);
    await identify({ userId: 'many' }, { t1: 2, best: 4 });
    const cut = await underTest.profile('user_id:many', ({ traits }) => traits.t1 === 2 && traits.best === 4);
    expect(Object.keys(cut.traits)).toHaveLength(1_000);
    expect(cut.truncated).toEqual(['traits']);
  });
});
