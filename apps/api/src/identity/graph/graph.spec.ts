import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RULES } from '@tributary/identity';
import { identifier, profileIdOf, toInstant, type Identifier } from '@tributary/kernel';
import { RunningIdentity } from '../../../test/running-identity.fixture.js';
import type { ShownGraph, ShownLink } from './graph.dto.js';

const identity = new RunningIdentity();

const ann = identifier('user_id', 'ann');
const bob = identifier('user_id', 'bob');
const email = identifier('email', 'ann@example.com');
const laptop = identifier('anonymous_id', 'laptop');
const phone = identifier('anonymous_id', 'phone');
const nobody = identifier('email', 'noreply@example.com');
const kiosk = identifier('anonymous_id', 'kiosk');
const lonely = identifier('user_id', 'lonely');
const ANN = profileIdOf(identity.workspace, laptop);
const BOB = profileIdOf(identity.workspace, bob);

/** What each end says of a link; one of which the refusal is undefined says nothing. */
const link = (
  a: Identifier,
  b: Identifier,
  firstSeen: number,
  refusals: readonly [string | undefined, string | undefined] = ['', ''],
) =>
  [a, b].flatMap((end, i) => {
    const refusal = refusals[i];
    if (refusal === undefined) return [];
    const seen = { first_seen: toInstant(firstSeen), end_first_seen: toInstant(firstSeen) };
    const other = end === a ? b : a;
    return [
      { kind: 'eligibility', a: end, b: other, eligible: refusal === '', refusal, ...seen, version: 1 },
    ];
  });
const stay = (id: Identifier, profileId: string, since: number, reason = 'linked') => ({
  identifier: id,
  profile_id: profileId,
  version: 1,
  at: toInstant(since),
  reason,
});
const event = (messageId: string, receivedAt: number, ...identifiers: Identifier[]) => ({
  identifier: identifiers[0],
  source_id: 'web',
  message_id: messageId,
  type: 'track',
  event: 'Seen',
  received_at: toInstant(receivedAt),
  identifiers,
});
const forgetLinks = (id: Identifier) =>
  identity.tables.command({
    query: 'DELETE FROM identity_links WHERE a = {id:String} OR b = {id:String}',
    query_params: { id },
  });
const insertLinks = (...links: readonly object[]) => identity.insert('identity_links', links);

beforeAll(async () => {
  await identity.start();
  await identity.insert('identity_assignments', [
    stay(laptop, ANN, 10, 'alone'),
    ...[ann, email, phone].map((z, i) => stay(z, ANN, 20 + i)),
    stay(bob, BOB, 40, 'alone'),
    stay(kiosk, profileIdOf(identity.workspace, kiosk), 50, 'alone'),
  ]);
  await insertLinks(
    ...link(ann, laptop, 10),
    ...link(ann, email, 20),
    ...link(email, phone, 30),
    ...link(bob, phone, 40),
    ...link(ann, nobody, 50, ['blocked', 'blocked']),
    ...link(ann, kiosk, 60, ['', 'supernode']),
    ...link(ann, phone, 70, ['limit', '']),
    ...link(email, identifier('email', 'new'), 80, ['', undefined]),
    ...Array.from({ length: 25 }, (_, i) =>
      link(kiosk, identifier('user_id', `guest-${i}`), 90 + i, ['supernode', '']),
    ).flat(),
  );
  await identity.insert('events_log', [
    event('m3', 21, ann, email),
    event('m1', 10, ann, laptop),
    event('m2', 20, ann, email, laptop),
    event('m4', 5, lonely),
  ]);
  const namespaces = {
    ...DEFAULT_RULES.namespaces,
    email: { ...DEFAULT_RULES.namespaces.email!, blocked: ['noreply@*'] },
  };
  expect((await identity.ask('PUT', '/rules', { namespaces })).status).toBe(200);
});

afterAll(async () => {
  await identity.stop();
});

const ask = (query: string) => identity.ask<ShownGraph>('GET', `/graph?${query}`);
const of = async (id: string, more = '') => (await ask(`identifier=${encodeURIComponent(id)}${more}`)).body;
const between = (links: readonly ShownLink[], ...two: readonly Identifier[]) =>
  links.find(({ a, b }) => two.includes(a) && two.includes(b));

describe('the graph of an identifier', () => {
  it('is that of its profile: who is in it, since when, by what', async () => {
    const shown = await of(email);
    expect(shown).toMatchObject({
      identifier: email,
      profileId: ANN,
      rulesVersion: (await identity.rules.find('rules'))!.version,
      truncated: false,
    });
    expect(shown.identifiers).toEqual([
      ...[laptop, ann, email, phone].map((z) => expect.objectContaining({ identifier: z }) as unknown),
    ]);
    expect(shown.identifiers[0]).toEqual({
      identifier: laptop,
      namespace: 'anonymous_id',
      value: 'laptop',
      firstSeenAt: toInstant(10),
      since: toInstant(10),
      reason: 'alone',
    });
  });

  it('shows what joins first, with the first event that bore both', async () => {
    const { links } = await of(ann);
    expect(links.map(({ state }) => state)).toEqual([
      ...['joined', 'joined', 'joined'],
      ...['refused', 'refused', 'refused', 'refused', 'pending'],
    ]);
    expect(between(links, ann, email)).toEqual({
      a: email,
      b: ann,
      firstSeenAt: toInstant(20),
      firstEvent: {
        sourceId: 'web',
        messageId: 'm2',
        type: 'track',
        event: 'Seen',
        receivedAt: toInstant(20),
      },
      state: 'joined',
    });
    expect(between(links, email, phone)).not.toHaveProperty('firstEvent');
  });

  it('says by which rule a link was refused, by an end or by what the profile would be', async () => {
    const { links } = await of(ann);
    expect(between(links, ann, nobody)?.refusal).toEqual({
      rule: 'blocked',
      words: 'email:noreply@example.com is a value that names nobody: the rule of email blocks it',
      end: nobody,
      namespace: 'email',
    });
    expect(between(links, ann, kiosk)?.refusal).toEqual({
      rule: 'supernode',
      words: 'anonymous_id:kiosk has met 26 of user_id, and with more than 20 it joins through none',
      end: kiosk,
      namespace: 'user_id',
    });
    expect(between(links, ann, phone)?.refusal).toMatchObject({
      rule: 'limit',
      end: ann,
      namespace: 'anonymous_id',
    });
    expect(between(links, bob, phone)?.refusal).toEqual({
      rule: 'limit',
      words: 'the profile of both would hold more of user_id than 1',
      namespace: 'user_id',
    });
  });

  it('shows the splits that name one of the profile, and what they refuse', async () => {
    const crm = identifier('crm', '7');
    await insertLinks(...link(crm, phone, 15));
    expect((await identity.ask('PUT', `/splits/${laptop}/${crm}`)).status).toBe(201);
    const { splits, links } = await of(ann);
    expect(splits).toMatchObject([{ a: laptop, b: crm, apart: true }]);
    expect(between(links, crm, phone)).toMatchObject({ state: 'pending' });
    expect(between(links, email, phone)).toMatchObject({ state: 'joined' });
    const cutFrom = (await of(crm)).links[0];
    expect(cutFrom).toMatchObject({ state: 'pending' });
    await forgetLinks(crm);
    await insertLinks(...link(crm, phone, 35));
    expect(between((await of(ann)).links, crm, phone)).toMatchObject({
      state: 'refused',
      refusal: { rule: 'split', split: expect.arrayContaining([laptop, crm]) as unknown },
    });
    await forgetLinks(crm);
    expect((await identity.ask('DELETE', `/splits/${laptop}/${crm}`)).status).toBe(204);
  });

  it('shows the chain that leads to another of the same person, and none to a stranger', async () => {
    const chain = async (from: Identifier, to: Identifier) =>
      (await of(from, `&to=${to}`)).path?.map(({ a, b }) => [a, b]);
    expect(await chain(laptop, phone)).toEqual([
      [laptop, ann],
      [email, ann],
      [phone, email],
    ]);
    expect(await chain(ann, ann)).toEqual([]);
    expect(await chain(ann, bob)).toBeUndefined();
    expect(await chain(ann, lonely)).toBeUndefined();
  });

  it('of one that was never linked is itself alone', async () => {
    expect(await of(lonely)).toEqual({
      identifier: lonely,
      profileId: profileIdOf(identity.workspace, lonely),
      identifiers: [
        {
          identifier: lonely,
          namespace: 'user_id',
          value: 'lonely',
          firstSeenAt: toInstant(5),
          since: toInstant(5),
          reason: 'alone',
        },
      ],
      links: [],
      splits: [],
      rulesVersion: (await identity.rules.find('rules'))!.version,
      truncated: false,
    });
  });

  it('of one that was never seen is not found', async () => {
    expect(await ask('identifier=user_id:never')).toMatchObject({
      status: 404,
      body: { error: { code: 'identifier_not_found' } },
    });
  });

  it('is of the identifier as events have it, however it is written', async () => {
    const [found, sent] = await Promise.all([
      ask('identifier=email:ann@example.com'),
      ask('identifier=email:%20Ann@Example.com'),
    ]);
    expect(found.status).toBe(200);
    expect(sent).toEqual(found);
  });

  it('of one that never occurred says how it would be written', async () => {
    expect(await ask('identifier=email:%20Never@Example.com')).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('written email:never@example.com') } },
    });
  });

  it.each(['', 'identifier=ann', 'identifier=user_id:ann&to=bob', 'identifier=user_id:ann&from=a:b'])(
    'is refused for ?%s',
    async (query) => {
      expect(await ask(query)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
    },
  );

  it('is cut off where it is too large, joined links first', async () => {
    const big = Array.from({ length: 1_001 }, (_, i) => identifier('big', String(i)));
    const profileId = profileIdOf(identity.workspace, big[0]!);
    await identity.insert(
      'identity_assignments',
      big.map((z) => stay(z, profileId, 0)),
    );
    await insertLinks(
      ...big.slice(1).flatMap((z, i) => link(big[0]!, z, 5_001 + i)),
      ...Array.from({ length: 2_000 }, (_, i) =>
        link(big[0]!, identifier('shop', String(i)), i, ['supernode', '']),
      ).flat(),
    );
    const shown = await of(big[0]!);
    expect([shown.truncated, shown.identifiers.length, shown.links.length]).toEqual([true, 1_000, 2_000]);
    expect(shown.links.filter(({ state }) => state === 'joined')).toHaveLength(999);
  });
});
