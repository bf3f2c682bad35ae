import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_RULES, type NamespaceRule } from '@tributary/identity';
import { identifier, profileIdOf } from '@tributary/kernel';
import { eventually } from '@tributary/testing';
import type { SeenPair } from '../dry-run/link-list.js';
import { RunningIdentity } from '../../../test/running-identity.fixture.js';
import type { ShownDryRun } from '../dry-run/dry-run.dto.js';
import type { ShownRules } from './rules.dto.js';

const identity = new RunningIdentity();
const { namespaces } = DEFAULT_RULES;
const OTHER = namespaces['*']!;
const withRule = (name: string, rule: Partial<NamespaceRule>) => ({
  namespaces: { ...namespaces, [name]: { ...(namespaces[name] ?? OTHER), ...rule } },
});

beforeAll(async () => {
  await identity.start({ API_DRY_RUN_LINKS: '3' });
});

afterAll(async () => {
  await identity.stop();
});

beforeEach(async () => {
  await identity.rules.remove('rules');
});

const put = (body: object, headers: Record<string, string> = {}) =>
  identity.ask<ShownRules>('PUT', '/rules', body, { headers });

describe('the rules', () => {
  it('are the built-in ones where none were put, at version -1', async () => {
    expect(await identity.ask('GET', '/rules')).toEqual({
      status: 200,
      etag: '"-1"',
      body: { namespaces, version: -1, updatedAt: null },
    });
    expect((await put(DEFAULT_RULES)).body.version).toBe(-1);
  });

  it('are replaced whole, and kept as they are where what is put is what is there', async () => {
    const rules = withRule('crm', { limit: 2, blocked: ['0', 'test*'], normalise: ['trim'] });
    expect((await put(rules, { 'if-none-match': '*' })).status).toBe(412);
    const first = await put(rules, { 'if-match': '"-1"' });
    expect(first).toMatchObject({ status: 200, body: { namespaces: rules.namespaces } });
    expect(first.body.version).toBeGreaterThanOrEqual(0);
    expect((await put(rules)).etag).toBe(first.etag);
    expect(await identity.ask('GET', '/rules')).toEqual(first);
    expect(await put(DEFAULT_RULES, { 'if-match': '"-1"' })).toMatchObject({
      status: 412,
      body: { error: { code: 'precondition_failed' } },
    });
  });

  it('go back to the built-in ones by a record', async () => {
    const { body } = await put(withRule('crm', {}));
    expect((await identity.ask('DELETE', '/rules')).status).toBe(204);
    const back = await identity.ask<ShownRules>('GET', '/rules');
    expect(back.body.namespaces).toEqual(namespaces);
    expect(back.body.version).toBeGreaterThan(body.version);
    expect((await identity.rules.find('rules'))?.value.namespaces).toEqual(namespaces);
    expect((await identity.ask('DELETE', '/rules')).status).toBe(204);
    expect((await identity.ask('GET', '/rules')).etag).toBe(back.etag);
  });

  it.each<[unknown, Record<string, string>]>([
    [[], { namespaces: 'must be an object' }],
    [{}, { namespaces: 'must be an object' }],
    [{ namespaces: {} }, { namespaces: 'has no "*"' }],
    [{ ...DEFAULT_RULES, rules: 1 }, { rules: 'is no field here; known are namespaces' }],
    [
      {
        namespaces: {
          user_id: { priority: 0, limit: 1, supernode: 20, blocked: [] },
          email: { ...OTHER, limit: 1.5, normalize: [], blocked: [''] },
          phone: { ...OTHER, normalise: ['lower'] },
          'a b': OTHER,
          crm: { ...OTHER, limit: 30 },
          constructor: 1,
        },
      },
      {
        'namespaces.user_id.normalise': 'is missing',
        'namespaces.email.limit': 'must be integer',
        'namespaces.email.normalize': 'is no field',
        'namespaces.email.blocked[0]': 'must not have fewer than 1',
        'namespaces.phone.normalise[0]': 'trim, nfc, lowercase',
        'namespaces.a b': 'is no namespace',
        'namespaces.crm.supernode': 'less than the limit of 30',
        'namespaces.constructor': 'must be an object of priority, limit',
        namespaces: 'has no "*"',
      },
    ],
    [withRule('crm', { blocked: Array(150_000).fill('x') as string[] }), { namespaces: 'at most 524288' }],
  ])('are refused where they cannot be, and all that is wrong is named (%#)', async (body, faults) => {
    const answer = await put(body as object);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
    for (const [field, message] of Object.entries(faults)) {
      const found = answer.body.error.details.filter((detail) => detail.field === field);
      expect([field, found.map((detail) => detail.message).join()]).toEqual([
        field,
        expect.stringContaining(message),
      ]);
    }
    expect(await identity.rules.all()).toEqual([]);
  });
});

describe('a dry run', () => {
  const ids = { ann: identifier('user_id', 'ann'), bob: identifier('user_id', 'bob') };
  const phone = identifier('device', 'phone');
  const seen = (a: SeenPair['a'], b: SeenPair['b'], firstSeen: number): SeenPair => ({
    a,
    b,
    firstSeen,
    aFirstSeen: firstSeen,
    bFirstSeen: firstSeen,
  });
  const run = (body: object, more: { signal?: AbortSignal; headers?: Record<string, string> } = {}) =>
    identity.ask<ShownDryRun>('PUT', '/rules?dryRun=true', body, more);
  const shared = withRule('user_id', { limit: 2 });

  beforeEach(() => {
    identity.dryRuns.pairs = [seen(ids.ann, phone, 1), seen(ids.bob, phone, 2)];
    identity.dryRuns.until = Promise.resolve();
  });

  it('says who would be one person, and changes nothing', async () => {
    const answer = await run(shared);
    const [ann, bob] = [profileIdOf(identity.workspace, ids.ann), profileIdOf(identity.workspace, ids.bob)];
    const old = [
      { profileId: ann, size: 2, identifiers: [phone, ids.ann] },
      { profileId: bob, size: 1, identifiers: [ids.bob] },
    ];
    expect(answer).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        rulesVersion: -1,
        links: 2,
        identifiers: 3,
        before: { profiles: 2, linked: 1 },
        after: { profiles: 1, linked: 1 },
        merges: {
          profiles: 1,
          of: 2,
          samples: [{ profileId: ann, size: 3, identifiers: [phone, ids.ann, ids.bob], others: old }],
        },
        splits: { profiles: 0, into: 0, samples: [] },
        moved: 1,
      },
    });
    expect(await identity.rules.all()).toEqual([]);
  });

  it('says who would be several', async () => {
    await put(shared);
    const { body } = await run(DEFAULT_RULES);
    expect(body.splits).toMatchObject({ profiles: 1, into: 2, samples: [{ size: 3 }] });
    expect(body.splits.samples[0]?.others.map(({ size }) => size)).toEqual([2, 1]);
    expect(body.merges.profiles).toBe(0);
  });

  it('follows the splits in force', async () => {
    expect((await identity.ask('PUT', `/splits/${ids.ann}/${ids.bob}`)).status).toBe(201);
    expect((await run(shared)).body.merges.profiles).toBe(0);
    expect((await identity.ask('DELETE', `/splits/${ids.ann}/${ids.bob}`)).status).toBe(204);
    expect((await run(shared)).body.merges.profiles).toBe(1);
  });

  it('looks at rules as a change does', async () => {
    expect((await run({ namespaces: {} })).status).toBe(400);
    expect((await run(shared, { headers: { 'if-match': '"7"' } })).status).toBe(412);
    expect((await identity.ask('PUT', '/rules?dryRun=yes', shared)).status).toBe(400);
  });

  it('of more links than may be is refused, and the setting named', async () => {
    identity.dryRuns.pairs = [1, 2, 3, 4].map((n) => seen(ids.ann, identifier('device', String(n)), n));
    expect(await run(shared)).toMatchObject({
      status: 422,
      body: {
        error: {
          code: 'dry_run_too_large',
          message: expect.stringMatching(/^There are 4 links.* 3 at most.*API_DRY_RUN_LINKS/) as unknown,
          details: { links: 4, most: 3, setting: 'API_DRY_RUN_LINKS' },
        },
      },
    });
  });

  it('that takes too long is ended', async () => {
    const hasty = new RunningIdentity();
    hasty.dryRuns.until = new Promise(() => undefined);
    await hasty.start({ API_DRY_RUN_SECONDS: '1' });
    const answer = await hasty.ask('PUT', '/rules?dryRun=true', shared);
    await hasty.stop();
    expect([answer.status, answer.body.error.message]).toEqual([
      422,
      expect.stringContaining('API_DRY_RUN_SECONDS'),
    ]);
  });

  it('runs alone, until its asker leaves', async () => {
    identity.dryRuns.until = new Promise(() => undefined);
    const asker = new AbortController();
    const left = run(shared, { signal: asker.signal });
    await eventually(() => identity.dryRuns.running === 1);
    expect(await run(shared)).toMatchObject({ status: 409, body: { error: { code: 'dry_run_running' } } });
    asker.abort();
    await expect(left).rejects.toThrow('abort');
    await eventually(() => identity.dryRuns.running === 0);
    identity.dryRuns.until = Promise.resolve();
    expect((await run(shared)).status).toBe(200);
  });
});
