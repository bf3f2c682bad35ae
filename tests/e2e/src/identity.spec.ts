import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type AssignmentMessage, type ProfileMessage } from '@tributary/contracts';
import type { Call } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import { identifiersOf, PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const underTest = new PlatformUnderTest();

interface Graph {
  readonly profileId: string;
  readonly links: readonly {
    readonly a: string;
    readonly b: string;
    readonly state: string;
    readonly refusal?: { readonly rule: string };
    readonly firstEvent?: { readonly sourceId: string; readonly messageId: string };
  }[];
  readonly path?: readonly unknown[];
}

const alone = (id: string) => (profile: ProfileMessage) => identifiersOf(profile).join() === id;

const touches = ({ a, b }: Graph['links'][number], id: string) => a === id || b === id;

const send = (calls: readonly Call[]) => underTest.client.send(...calls);

/** The profiles of identifiers that were assigned one, as the log has them. */
async function profilesOf(identifiers: readonly string[]): Promise<ReadonlySet<string>> {
  const assigned = new Map<string, AssignmentMessage>();
  for (const message of await underTest.read(TOPICS.assignments, 'assignment@1')) {
    const before = assigned.get(message.identifier);
    if (!before || before.version < message.version) assigned.set(message.identifier, message);
  }
  return new Set(identifiers.flatMap((id) => assigned.get(id)?.profileId ?? []));
}

async function graphOf(
  identifier: string,
  until: (graph: Partial<Graph>) => unknown,
  to?: string,
): Promise<Graph> {
  const query = new URLSearchParams({ identifier, ...(to && { to }) });
  return eventually(
    async () =>
      (await underTest.client.api(`/v1/identity/graph?${query.toString()}`)).json() as Promise<Graph>,
    {
      until: (graph) => Boolean(until(graph)),
      withinMs: 40_000,
      what: `graph of ${identifier}`,
    },
  );
}

describe("a family's tablet", () => {
  const tablet = 'anonymous_id:tablet';
  const family = ['mum', 'dad', 'kid'];
  const tracked = (name: string, event: string): Call => ({
    type: 'track',
    event,
    userId: name,
    anonymousId: 'tablet',
    context: { traits: { email: `${name}@family.example` } },
  });

  it('is the first one’s, and each of the family stays who they are', async () => {
    for (const name of family) await send([tracked(name, 'Film Watched')]);
    await send(family.map((name) => tracked(name, 'Film Rated')));
    const profiles = await Promise.all(
      family.map((name) =>
        underTest.profile(
          `user_id:${name}`,
          (p) =>
            p.eventCount === 2 &&
            identifiersOf(p).includes(`email:${name}@family.example`) &&
            (name !== 'mum' || identifiersOf(p).includes(tablet)),
        ),
      ),
    );
    expect(new Set(profiles.map(({ profileId }) => profileId)).size).toBe(3);
    const [mum, ...others] = profiles;
    expect(mum && identifiersOf(mum)).toContain(tablet);
    for (const other of others) expect(identifiersOf(other)).not.toContain(tablet);
    const isTheirs = (link: Graph['links'][number]) => touches(link, tablet) && touches(link, 'user_id:kid');
    // The tables follow one after another: a link is pending there until what decided it has come, too.
    const graph = await graphOf('user_id:kid', ({ links }) =>
      links?.some((link) => isTheirs(link) && link.state !== 'pending'),
    );
    expect(graph.links.find(isTheirs)).toMatchObject({ state: 'refused', refusal: { rule: 'limit' } });
  });
});

describe("a sales clerk's device", () => {
  it('joins none of its five hundred customers, and keeps what was done on it', async () => {
    const device = { anonymousId: 'till-7' };
    await send([{ type: 'track', event: 'Shift Began', ...device }]);
    const customers = Array.from({ length: 500 }, (_, i) => `customer-${i}`);
    for (let i = 0; i < customers.length; i += 50) {
      await send(
        customers.slice(i, i + 50).flatMap((userId): readonly Call[] => [
          { type: 'identify', userId, ...device, traits: { email: `${userId}@example.com` } },
          { type: 'track', event: 'Order Completed', userId, ...device, properties: { total: 20 } },
        ]),
      );
    }
    const first = await underTest.profile(
      'user_id:customer-0',
      (p) => p.eventCount === 2 && identifiersOf(p).length === 2,
    );
    const last = await underTest.profile(
      'user_id:customer-499',
      (p) => p.eventCount === 2 && identifiersOf(p).length === 2,
    );
    for (const { identifiers } of [first, last])
      expect(identifiers.map(({ namespace }) => namespace).sort()).toEqual(['email', 'user_id']);
    const till = await underTest.profile('anonymous_id:till-7', alone('anonymous_id:till-7'));
    expect(till.eventCount).toBe(1);
    const all = await eventually(() => profilesOf(customers.map((id) => `user_id:${id}`)), {
      until: ({ size }) => size === customers.length,
      withinMs: 40_000,
      what: 'five hundred profiles',
    });
    expect(all.has(till.profileId)).toBe(false);
    const graph = await graphOf('anonymous_id:till-7', ({ links }) =>
      links?.some(({ refusal }) => refusal?.rule === 'supernode'),
    );
    expect(graph.profileId).toBe(till.profileId);
  });
});

describe('a wrong merge', () => {
  const card = 'loyalty_card:77';
  const email = 'email:ann@example.com';
  const split = `/v1/identity/splits/${encodeURIComponent(card)}/${encodeURIComponent(email)}`;
  const externalIds = [{ id: '77', type: 'loyalty_card', collection: 'users', encoding: 'none' }];
  const order = (context: object): Call => ({
    type: 'track',
    event: 'Order Completed',
    context: { externalIds, ...context },
  });
  const expectRegulars = (...profileIds: readonly string[]) =>
    eventually(async () => {
      expect(await underTest.client.members('regulars')).toEqual(profileIds);
    });

  it('is taken back by a split, past events, traits and audiences with it, and made again when the split is removed', async () => {
    await underTest.client.putAudience('regulars', "event('Order Completed').within(1 days).count() >= 4");
    await send([{ type: 'identify', userId: 'ann', traits: { email: 'ann@example.com', city: 'Graz' } }]);
    await send([{ type: 'track', event: 'Order Completed', userId: 'ann' }]);
    await send([
      { type: 'identify', traits: { shoeSize: 44 }, context: { externalIds } },
      order({}),
      order({}),
    ]);
    await underTest.profile(card, ({ eventCount }) => eventCount === 3);
    // The clerk types another customer's address in beside Bob's card.
    await send([order({ traits: { email: 'ann@example.com' } })]);
    const merged = await underTest.profile('user_id:ann', ({ eventCount }) => eventCount === 6);
    expect(identifiersOf(merged)).toEqual([email, card, 'user_id:ann']);
    expect(merged.traits).toEqual({ email: 'ann@example.com', city: 'Graz', shoeSize: 44 });
    await expectRegulars(merged.profileId);
    const isWrong = (link: Graph['links'][number]) => touches(link, card) && touches(link, email);
    const why = await graphOf(
      'user_id:ann',
      ({ path, links }) => path?.length === 2 && links?.some((link) => isWrong(link) && link.firstEvent),
      card,
    );
    expect(why.links.find(isWrong)).toMatchObject({
      state: 'joined',
      firstEvent: { sourceId: 'default' },
    });

    expect((await underTest.client.api(split, { method: 'PUT' })).status).toBe(201);
    const ann = await underTest.profile('user_id:ann', ({ eventCount }) => eventCount === 3);
    const bob = await underTest.profile(card, ({ eventCount }) => eventCount === 3);
    expect(identifiersOf(ann)).toEqual([email, 'user_id:ann']);
    expect(ann.traits).toEqual({ email: 'ann@example.com', city: 'Graz' });
    expect(identifiersOf(bob)).toEqual([card]);
    expect(bob.traits).toEqual({ shoeSize: 44 });
    expect(bob.profileId).not.toBe(ann.profileId);
    await expectRegulars();
    const refused = await graphOf(card, ({ links }) =>
      links?.some(({ refusal }) => refusal?.rule === 'split'),
    );
    expect(refused.profileId).toBe(bob.profileId);

    expect((await underTest.client.api(split, { method: 'DELETE' })).status).toBe(204);
    const again = await underTest.profile('user_id:ann', ({ eventCount }) => eventCount === 6);
    expect(again.profileId).toBe(merged.profileId);
    expect(again.traits).toEqual(merged.traits);
    await expectRegulars(merged.profileId);
  });
});
