import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { RunningApi, type Answer } from '../../test/running-api.fixture.js';

/*
 * Two workspaces have the same things under the same ids, and each thing says whose it is. Every route of the document is
 * asked by each of them, for what is its own and for what is the other's.
 */
const api = new RunningApi();
const PROFILE = '0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a1';
const AT = '2026-01-02T03:04:05.678Z';
const QUERY = "trait('plan') = 'pro'";
const TRAIT = "event('E').count()";
const PASSWORD = 'correct horse battery';

interface Member {
  readonly id: string;
  /** Is in all that is this workspace's, and nowhere else. */
  readonly mark: string;
  readonly token: Record<string, string>;
  /** The parameters of paths: what both have is under the same, and what has an id by itself is under its own. */
  readonly ids: Readonly<Record<string, string>>;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly scope: string | undefined;
}

let operations: readonly Operation[];
let north: Member;
let south: Member;
/** Has nothing. */
let empty: Member;

beforeAll(async () => {
  await api.start();
  const { body } = await api.ask('GET', '/openapi.json');
  const { paths } = body as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-scope'?: string }>>>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-scope': scope }]) => {
      return { method: method.toUpperCase(), path, scope };
    }),
  );
  north = await member('north', 0);
  south = await member('south', 1);
  empty = { ...north, id: 'empty', mark: 'of-empty', token: await tokenOf('empty', 'of-empty') };
});

afterAll(async () => {
  await api.stop();
});

async function tokenOf(id: string, mark: string): Promise<Record<string, string>> {
  await api.ask('PUT', `/v1/workspaces/${id}`, { name: mark });
  const made = await api.ask('POST', '/v1/tokens', { name: mark, scopes: ['admin'] }, { 'x-workspace': id });
  return { authorization: `Bearer ${(made.body as { readonly token: string }).token}` };
}

/** A workspace in which there is one of everything. */
async function member(id: string, place: number): Promise<Member> {
  const mark = `of-${id}`;
  const token = await tokenOf(id, mark);
  const idOf = async (asked: Promise<Answer>) => {
    const { status, body } = await asked;
    expect([200, 201]).toContain(status);
    return body as { readonly id: string; readonly link: string };
  };
  await idOf(api.ask('PUT', '/v1/audiences/spring', { name: mark, query: QUERY }, token));
  const writeKeys = [{ key: `wk_${mark}_1` }];
  await idOf(api.ask('PUT', '/v1/traits/spring', { name: mark, query: TRAIT }, token));
  await idOf(api.ask('PUT', '/v1/trait-rules/spring', { description: mark, merge: 'max' }, token));
  await idOf(api.ask('PUT', '/v1/sources/web', { name: mark, writeKeys }, token));
  await idOf(api.ask('PUT', '/v1/identity/splits/user_id:a/user_id:b', { reason: mark }, token));
  const rule = { priority: 1, limit: 1, supernode: 9, blocked: [mark], normalise: [] };
  await idOf(api.ask('PUT', '/v1/identity/rules', { namespaces: { '*': rule } }, token));
  const user = await idOf(
    api.ask('POST', '/v1/users', { email: `${mark}@example.com`, name: mark, role: 'admin' }, token),
  );
  const code = user.link.split('#')[1];
  await idOf(api.ask('POST', '/v1/session/link', { code, password: PASSWORD }, { 'user-agent': mark }));
  const sessions = await api.ask('GET', '/v1/sessions?of=all', undefined, token);
  const session = (sessions.body as { readonly data: readonly { readonly id: string }[] }).data[0]?.id ?? '';
  const tokens = await api.ask('GET', '/v1/tokens', undefined, token);
  const ofToken = (tokens.body as { readonly data: readonly { readonly id: string }[] }).data[0]?.id ?? '';
  await insertRows(id, mark, place);
  const request = await exported(mark, token);
  return {
    id,
    mark,
    token,
    ids: {
      '/v1/users': user.id,
      '/v1/tokens': ofToken,
      '/v1/sessions': session,
      '/v1/rejected': `${place}-7`,
      '/v1/workspaces': id,
      '/v1/privacy/requests': request,
      '/v1/sources': 'web',
      writeKey: `wk_${mark}_1`,
    },
  };
}

/** A privacy request that can be read whole. */
async function exported(reason: string, token: Record<string, string>): Promise<string> {
  const asked = { type: 'export', identifier: 'user_id:ann', reason };
  const { body } = await api.ask('POST', '/v1/privacy/requests', asked, token);
  const { id } = body as { readonly id: string };
  await eventually(() => api.ask('GET', `/v1/privacy/requests/${id}`, undefined, token), {
    until: (answer) => (answer.body as { readonly status?: string }).status === 'done',
    what: 'the export of a person',
  });
  return id;
}

/** The rows of a workspace have the very keys that those of the other have. */
async function insertRows(workspace_id: string, mark: string, kafka_partition: number): Promise<void> {
  const insert = (table: string, row: object) =>
    api.tables.insert({ table, format: 'JSONEachRow', values: [{ workspace_id, ...row }] });
  const profile = JSON.stringify({
    ...{ profileId: PROFILE, traits: { mark }, traitSources: {}, computed: {}, at: AT },
    ...{ identifiers: [ANN, { ...ANN, namespace: 'mark', value: mark }], firstSeenAt: AT, lastSeenAt: AT },
  });
  await insert('latest_profiles', { profile_id: PROFILE, merged_into: '', is_empty: false, profile });
  const belonging = JSON.stringify({ groups: [{ groupId: 'x', since: AT }] });
  await insert('latest_profiles', { profile_id: mark, merged_into: '', is_empty: false, profile: belonging });
  await insert('latest_accounts', { group_id: 'x', account: JSON.stringify({ traits: { mark }, at: AT }) });
  await insert('current_memberships', {
    ...{ audience_key: 'spring', profile_id: PROFILE, since: AT },
    identifiers: [`mark:${mark}`],
  });
  await insert('audience_changes', {
    ...{ audience_key: 'spring', profile_id: PROFILE, change: 'entered', at: AT, kafka_offset: 1 },
  });
  await insert('audience_memberships', {
    ...{ audience_key: mark, profile_id: PROFILE, member: true, since: AT, cause: 'event', version: 1 },
  });
  await insert('plan_violations', {
    ...{ source_id: 'web', received_at: new Date().toISOString(), type: 'track', event: 'E' },
    ...{ code: 'plan_violation', field: 'f', message: mark, dropped: false },
  });
  await insert('rejected_events', {
    ...{ source_id: 'web', received_at: AT, route: '/v1/batch', raw_is: 'call', request: '{}' },
    reasons: [{ code: 'invalid_field', field: 'f', message: mark }],
    ...{ raw: Buffer.from(mark).toString('base64'), parsed: '', kafka_partition, kafka_offset: 7 },
  });
  await insert('identity_assignments', {
    ...{ identifier: 'user_id:ann', profile_id: PROFILE, version: 1, reason: 'linked', at: AT },
  });
  await insert('identity_assignments', {
    ...{ identifier: `mark:${mark}`, profile_id: PROFILE, version: 1, reason: 'linked', at: AT },
  });
  for (const [a, b] of [
    ['user_id:ann', `mark:${mark}`],
    [`mark:${mark}`, 'user_id:ann'],
  ])
    await insert('identity_links', {
      ...{ kind: 'eligibility', a, b, eligible: true, refusal: '', first_seen: AT, end_first_seen: AT },
      ...{ version: 1, kafka_partition: 0, kafka_offset: 0 },
    });
  await insert('events_log', {
    ...{ identifier: 'user_id:ann', message_id: mark, type: 'track', event: 'E', received_at: AT },
    ...{ source_id: 'web', identifiers: ['user_id:ann', `mark:${mark}`], timestamp: AT },
  });
  await insert('events_log', {
    ...{ identifier: 'user_id:ann', message_id: `${mark}-2`, type: 'group', group_id: mark, timestamp: AT },
  });
}

const QUERIES: Readonly<Record<string, string>> = {
  '/v1/profiles': '?identifier=user_id:ann',
  '/v1/identity/graph': '?identifier=user_id:ann',
  '/v1/sessions': '?of=all',
  '/v1/audiences/{key}/sizes': '?from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z&step=day',
};

const ANN = { namespace: 'user_id', value: 'ann', firstSeenAt: AT, lastSeenAt: AT };

const RULE = { priority: 2, limit: 2, supernode: 9, blocked: [], normalise: [] };
/** A route that is not here is asked with `{}`. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /v1/audiences/{key}': { name: 'changed', query: QUERY },
  'PUT /v1/traits/{key}': { name: 'changed', query: TRAIT },
  'PUT /v1/trait-rules/{name}': { merge: 'min' },
  'PUT /v1/sources/{id}': { name: 'changed' },
  'PUT /v1/identity/rules': { namespaces: { '*': RULE } },
  'PUT /v1/identity/splits/{a}/{b}': { reason: 'changed' },
  'PUT /v1/users/{id}': { name: 'changed', role: 'viewer' },
  'PUT /v1/session/password': { current: PASSWORD, password: `${PASSWORD} 2` },
  'PUT /v1/workspaces/{id}': { name: 'changed' },
  'POST /v1/audiences/preview': { query: QUERY },
  'POST /v1/users': { email: 'changed@example.com', name: 'changed', role: 'viewer' },
  'POST /v1/tokens': { name: 'changed', scopes: ['read'] },
  'POST /v1/tokens/{id}/rotate': { overlapSeconds: 0 },
  'POST /v1/profiles/batch': { identifiers: ['user_id:ann'] },
  'POST /v1/rejected/replay': { ids: ['0-7'], dryRun: true },
};

/** What a workspace is answered where it names what is another's; of what both have it is its own. */
async function ask(by: Member, { method, path }: Operation, of: Member): Promise<Answer> {
  const place = Object.keys(of.ids).find((prefix) => path.startsWith(`${prefix}/`)) ?? '';
  const named: Readonly<Record<string, string>> = {
    ...{ key: path.includes('write-keys') ? (of.ids.writeKey ?? '') : 'spring' },
    ...{ name: 'spring', workspace: of.id, collection: 'users', identifier: 'user_id:ann' },
    ...{ version: '1', profileId: PROFILE, a: 'user_id:a', b: 'user_id:b', id: of.ids[place] ?? 'x' },
  };
  const concrete = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? 'x');
  const isRead = method === 'GET';
  const body = isRead || method === 'DELETE' ? undefined : (BODIES[`${method} ${path}`] ?? {});
  return api.ask(method, concrete + (isRead ? (QUERIES[path] ?? '') : ''), body, by.token);
}

const textOf = ({ body }: Answer) => (typeof body === 'string' ? body : JSON.stringify(body));
const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const isOwn = ({ path }: Operation) =>
  /^\/v1\/(users|tokens|sessions|rejected|privacy\/requests)\/\{id\}/.test(path);
const reads = () =>
  operations.filter(
    ({ method, path, scope }) =>
      // A stream does not end: it is asked in its own spec.
      method === 'GET' && scope !== undefined && scope !== 'installation' && !path.endsWith('/changes'),
  );
const writes = () => operations.filter(({ method, scope }) => method !== 'GET' && scope !== undefined);

/** The lines of a file are in no order. */
const linesOf = (text: string) => text.split('\n').sort().join('\n');

/** All that a workspace may see of itself, but for the times at which it looks. */
async function all(of: Member): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string>();
  for (const operation of reads())
    seen.set(
      nameOf(operation),
      linesOf(textOf(await ask(of, operation, of)).replaceAll(/"(lastUsedAt|asOf)":("[^"]*"|null)/g, '')),
    );
  return seen;
}

describe('every route that reads', () => {
  it('shows each of two workspaces its own, and nothing of the other', async () => {
    const [ofNorth, ofSouth] = [await all(north), await all(south)];
    const marked = (seen: ReadonlyMap<string, string>, mark: string) =>
      [...seen].filter(([, text]) => text.includes(mark)).map(([name]) => name);
    expect(marked(ofNorth, south.mark)).toEqual([]);
    expect(marked(ofSouth, north.mark)).toEqual([]);
    expect(marked(ofSouth, south.mark)).toEqual(marked(ofNorth, north.mark));
    const unmarked = [...ofNorth].filter(([, text]) => !text.includes(north.mark)).map(([name]) => name);
    expect(unmarked).toEqual([]);
  });

  it('answers 404, or a list of nothing, where a workspace asks for what only another has', async () => {
    const answers: (readonly [string, number])[] = [];
    const full: string[] = [];
    for (const operation of reads()) {
      const answer = await ask(empty, operation, north);
      expect([nameOf(operation), textOf(answer)]).toEqual([
        nameOf(operation),
        expect.not.stringContaining(north.mark),
      ]);
      const { data } = answer.body as { readonly data?: readonly object[] };
      if (data && data.length > 0) full.push(nameOf(operation));
      if (operation.path.includes('/{') && !/versions|members|violations|splits/.test(operation.path))
        answers.push([nameOf(operation), answer.status]);
    }
    // Its own name, its own token, and that these were made.
    expect(full).toEqual(['GET /v1/tokens', 'GET /v1/audit', 'GET /v1/workspaces']);
    expect(answers.length).toBeGreaterThan(6);
    expect(answers).toEqual(answers.map(([name]) => [name, 404]));
  });

  it('answers 404 where one asks for what has an id by itself and is the other’s', async () => {
    for (const operation of reads().filter(isOwn))
      expect([nameOf(operation), (await ask(south, operation, north)).status]).toEqual([
        nameOf(operation),
        404,
      ]);
  });
});

describe('the sizes of an audience', () => {
  it('are counted by the changes of its workspace alone', async () => {
    const path = `/v1/audiences/spring/sizes${QUERIES['/v1/audiences/{key}/sizes'] ?? ''}`;
    const { body } = await api.ask('GET', path, undefined, north.token);
    expect((body as { readonly data: readonly object[] }).data.at(-1)).toMatchObject({ size: 1, entered: 1 });
  });
});

describe('a dry run of rules', () => {
  it('looks at the links of its workspace alone', async () => {
    const links = async ({ token }: Member) => {
      const rules = { namespaces: { '*': { ...RULE, blocked: [], supernode: 99 } } };
      const { status, body } = await api.ask('PUT', '/v1/identity/rules?dryRun=true', rules, token);
      return [status, (body as { readonly links: number }).links];
    };
    expect(await links(north)).toEqual([200, 1]);
    expect(await links(empty)).toEqual([200, 0]);
  });
});

describe('every route of the admins of the installation', () => {
  it('is nobody else’s, whatever may be in their workspace', async () => {
    const theirs = operations.filter(({ scope }) => scope === 'installation');
    expect(theirs.length).toBeGreaterThan(3);
    for (const operation of theirs)
      for (const whose of [north, south])
        expect([nameOf(operation), (await ask(south, operation, whose)).status]).toEqual([
          nameOf(operation),
          403,
        ]);
  });
});

describe('every route that writes', () => {
  it('changes nothing of another workspace, and says nothing of it', async () => {
    const before = await all(north);
    const seen: (readonly [string, number])[] = [];
    for (const by of [south, empty])
      for (const operation of writes()) {
        const answer = await ask(by, operation, north);
        const name = nameOf(operation);
        expect([name, textOf(answer)]).toEqual([name, expect.not.stringContaining(north.mark)]);
        seen.push([name, answer.status]);
        if (operation.scope === 'installation') expect([name, answer.status]).toEqual([name, 403]);
        else if (isOwn(operation)) expect([name, answer.status]).toEqual([name, 404]);
      }
    // They were let in: what was sent was good.
    expect(seen.filter(([, status]) => status < 300).length).toBeGreaterThan(15);
    expect(seen.filter(([, status]) => status === 401)).toEqual([]);
    expect(await all(north)).toEqual(before);
  });
});
