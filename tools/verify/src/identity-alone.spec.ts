import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { rulesRecord, splitRecord } from '@tributary/harness/people';
import { DEFAULT_RULES, IDENTITY_BOUNDS, type RulesDefinition } from '@tributary/identity';
import type { OutgoingRecord } from '@tributary/kafka';
import { profileIdOf, scopedKey, toInstant } from '@tributary/kernel';
import { InMemoryLog } from '../test/in-memory.log.js';
import { verifyInstallation } from './verify.js';

const WORKSPACE = 'w';
const AT = Date.UTC(2026, 0, 2);

/** A log of events, of assignments, and of what was in force. */
class Told {
  readonly log = InMemoryLog.empty(1);
  #events = 0;

  /** An event, a second after the one before. */
  event(...identifiers: readonly string[]): this {
    const receivedAt = toInstant(AT + this.#events * 1_000);
    const messageId = `m${this.#events}`;
    this.#events += 1;
    this.#append(TOPICS.events.name, scopedKey(WORKSPACE, identifiers[0] ?? ''), '', {
      ...{ schema: 'event@1', type: 'track', messageId, receivedAt },
      identifiers: JSON.stringify(identifiers),
    });
    return this;
  }

  /** What identity says: whose profile an identifier has. */
  says(identifier: string, first: string): this {
    const [profileId, own] = [first, identifier].map((id) => profileIdOf(WORKSPACE, id));
    const said = {
      ...{ workspaceId: WORKSPACE, identifier, profileId, version: this.#events, reason: 'linked' },
      formerly: [...new Set([own, profileId])],
      resolvedThrough: { partition: 0, offset: 1_000_000 },
      at: toInstant(AT),
    };
    this.#append(TOPICS.assignments.name, scopedKey(WORKSPACE, identifier), JSON.stringify(said), {});
    return this;
  }

  /** Forgets what was received so far of an identifier. */
  erases(identifier: string): this {
    const until = toInstant(AT + this.#events * 1_000 - 1);
    const headers = { schema: 'erasure@1', until };
    this.#append(TOPICS.events.name, scopedKey(WORKSPACE, identifier), '', headers);
    return this;
  }

  /** Identity says of an identifier that it is nobody's. */
  forgets(identifier: string): this {
    const key = scopedKey(WORKSPACE, identifier);
    const place = { topic: TOPICS.assignments.name, partition: 0, offset: 0, timestamp: AT };
    this.log.append({ ...place, key, value: null, headers: {} });
    return this;
  }

  rules(definition: RulesDefinition): this {
    return this.#write(rulesRecord(definition, WORKSPACE));
  }

  split(a: string, b: string, apart: boolean): this {
    return this.#write(splitRecord([a, b], apart, WORKSPACE));
  }

  async verified() {
    const report = await verifyInstallation({ log: this.log }, { only: 'identity', settleMs: 0 });
    const wrong = report.differences.map(({ key, expected, found }) => ({ key, expected, found }));
    return { ...report, wrong };
  }

  #write({ topic, key, value, headers = {} }: OutgoingRecord): this {
    this.#append(topic, key, String(value), headers);
    return this;
  }

  #append(topic: string, key: string, text: string, headers: Readonly<Record<string, string>>): void {
    const value = Buffer.from(text);
    this.log.append({ topic, partition: 0, offset: 0, key, value, headers, timestamp: AT });
  }
}

const profile = (first: string) => scopedKey(WORKSPACE, profileIdOf(WORKSPACE, first));
const wrongAbout = (identifier: string, expected: string, found: string) => ({
  key: scopedKey(WORKSPACE, identifier),
  expected: profile(expected),
  found: profile(found),
});

/** Two visits of one user. */
const visits = () =>
  new Told().event('user_id:u', 'anonymous_id:a').event('user_id:u', 'anonymous_id:b').event('email:e');
const oneDevice: RulesDefinition = {
  namespaces: {
    ...DEFAULT_RULES.namespaces,
    anonymous_id: { priority: 3, limit: 1, supernode: 10, blocked: [], normalise: [] },
  },
};

describe('verify of identity alone, of headers and nothing else', () => {
  it('finds no difference in what follows from the events, and names what it applied', async () => {
    const told = visits();
    for (const z of ['user_id:u', 'anonymous_id:a', 'anonymous_id:b']) told.says(z, 'user_id:u');
    expect(await told.verified()).toMatchObject({
      wrong: [],
      applied: [],
      compared: { events: 3, identifiers: 4 },
    });
  });

  it('finds who was joined against the rules in force, and who obeys the ones before', async () => {
    const told = visits().rules(DEFAULT_RULES).rules(oneDevice);
    for (const z of ['user_id:u', 'anonymous_id:a']) told.says(z, 'user_id:u');
    const ignored = told.says('anonymous_id:b', 'user_id:u');
    expect((await ignored.verified()).wrong).toEqual([
      wrongAbout('anonymous_id:b', 'anonymous_id:b', 'user_id:u'),
    ]);
    const obeyed = ignored.says('anonymous_id:b', 'anonymous_id:b');
    expect(await obeyed.verified()).toMatchObject({
      wrong: [],
      applied: [{ workspaceId: WORKSPACE, rulesVersion: 1, splits: 0 }],
    });
  });

  it('finds a split that was ignored, and one that is kept although it was removed', async () => {
    const told = visits().split('anonymous_id:b', 'anonymous_id:a', true);
    for (const z of ['user_id:u', 'anonymous_id:a', 'anonymous_id:b']) told.says(z, 'user_id:u');
    expect((await told.verified()).wrong).toEqual([
      wrongAbout('anonymous_id:b', 'anonymous_id:b', 'user_id:u'),
    ]);
    const obeyed = told.says('anonymous_id:b', 'anonymous_id:b');
    expect(await obeyed.verified()).toMatchObject({ wrong: [], applied: [{ splits: 1 }] });
    const removed = obeyed.split('anonymous_id:a', 'anonymous_id:b', false);
    const { wrong, applied } = await removed.verified();
    expect(wrong).toEqual([wrongAbout('anonymous_id:b', 'user_id:u', 'anonymous_id:b')]);
    expect(applied).toEqual([]);
  });

  it('refuses rules that nobody could apply', async () => {
    const { '*': _others, ...namespaces } = DEFAULT_RULES.namespaces;
    await expect(visits().rules({ namespaces }).verified()).rejects.toThrow(
      'the rules of w cannot be in force: namespaces has no "*"',
    );
  });

  it('finds nothing of who was erased, and whoever still has a profile from before', async () => {
    const told = visits();
    const person = ['user_id:u', 'anonymous_id:a', 'anonymous_id:b'];
    for (const z of person) told.says(z, 'user_id:u');
    for (const z of person) told.erases(z).forgets(z);
    expect(await told.verified()).toMatchObject({ wrong: [], compared: { identifiers: 1 } });
    const kept = told.says('anonymous_id:b', 'user_id:u');
    expect((await kept.verified()).wrong).toEqual([
      {
        key: scopedKey(WORKSPACE, 'anonymous_id:b'),
        expected: 'no assignment: the identifier is on no event',
        found: profile('user_id:u'),
      },
    ]);
  });

  it('puts who comes back with whom they meet then, and finds who is with those of before', async () => {
    const told = visits();
    for (const z of ['user_id:u', 'anonymous_id:a', 'anonymous_id:b']) told.erases(z).forgets(z);
    told.event('user_id:u', 'anonymous_id:b');
    for (const z of ['user_id:u', 'anonymous_id:b']) told.says(z, 'user_id:u');
    expect((await told.verified()).wrong).toEqual([]);
    const joined = told.event('anonymous_id:a').says('anonymous_id:a', 'user_id:u');
    expect((await joined.verified()).wrong).toEqual([
      wrongAbout('anonymous_id:a', 'anonymous_id:a', 'user_id:u'),
    ]);
  });

  it('leaves everybody alone whom an identifier met that has met more than anybody may', async () => {
    const told = new Told().event('user_id:u', 'anonymous_id:1').event('user_id:u', 'email:e');
    for (let n = 0; n < IDENTITY_BOUNDS.partners; n += 1) told.event('anonymous_id:1', `ios.id:${n}`);
    for (const z of ['user_id:u', 'email:e']) told.says(z, 'user_id:u');
    told.says('anonymous_id:1', 'anonymous_id:1');
    for (let n = 0; n < IDENTITY_BOUNDS.partners; n += 1) told.says(`ios.id:${n}`, `ios.id:${n}`);
    expect((await told.verified()).wrong).toEqual([]);
    told.says('ios.id:7', 'anonymous_id:1');
    expect((await told.verified()).wrong).toEqual([wrongAbout('ios.id:7', 'ios.id:7', 'anonymous_id:1')]);
  });

  it('does not evaluate who was left out where more hung together than is kept, and nobody else', async () => {
    const told = new Told();
    const chain = Array.from({ length: IDENTITY_BOUNDS.links + 3 }, (_, n) => `anonymous_id:${n}`);
    for (const [n, z] of chain.entries()) if (n > 0) told.event(chain[n - 1] ?? '', z);
    for (const [n, z] of chain.entries()) told.says(z, chain[Math.floor(n / 100) * 100] ?? '');
    told.event('user_id:u', 'anonymous_id:mine');
    const { wrong, compared } = await told.verified();
    expect(wrong).toEqual([
      { ...wrongAbout('user_id:u', 'user_id:u', 'user_id:u'), found: 'no assignment' },
      { ...wrongAbout('anonymous_id:mine', 'user_id:u', 'user_id:u'), found: 'no assignment' },
    ]);
    expect(compared).toMatchObject({
      'identifiers in components beyond the bound, not compared': expect.any(Number) as unknown,
    });
  });
});
