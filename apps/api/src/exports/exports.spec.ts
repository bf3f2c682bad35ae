import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const PEOPLE = 2_000;

const profileOf = (n: number, workspace = api.workspace) => ({
  workspaceId: workspace,
  profileId: profileIdOf(workspace, `user_id:u${n}`),
  version: n,
  at: '2026-01-02T03:04:05.678Z',
  traits: { name: `Ann "${n}", of A\nB`, plan: 'pro' },
  traitSources: {},
  identifiers: [{ namespace: 'user_id', value: `u${n}` }],
  computed: { orders: n },
  firstSeenAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: '2026-01-02T00:00:00.000Z',
  eventCount: 7,
});

const rowOf = (profile: ReturnType<typeof profileOf>, more: object = {}) => ({
  workspace_id: profile.workspaceId,
  profile_id: profile.profileId,
  merged_into: '',
  is_empty: false,
  profile: JSON.stringify(profile),
  ...more,
});

const people = Array.from({ length: PEOPLE }, (_, n) => profileOf(n)).sort((a, b) =>
  a.profileId < b.profileId ? -1 : 1,
);

beforeAll(async () => {
  await api.start();
  await api.insert('latest_profiles', [
    ...people.map((profile) => rowOf(profile)),
    rowOf(profileOf(5_001), { merged_into: people[0]?.profileId }),
    rowOf(profileOf(5_002), { is_empty: true }),
    rowOf(profileOf(5_003, 'another')),
  ]);
});
afterAll(() => api.stop());

const read = (format: string) =>
  fetch(`${api.service.url}/v1/exports/profiles?format=${format}`, {
    headers: { authorization: 'Bearer dev-api-token' },
  });

describe('the export of everybody', () => {
  it('is a line of JSON for each person of the workspace, as in profiles.v1', async () => {
    const answer = await read('ndjson');
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="profiles.ndjson"');
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(people);
  });

  it('is a table with a line for each, traits and computed traits as JSON', async () => {
    const text = await (await read('csv')).text();
    const [head, first] = text.split(/\n(?=")/);
    expect(head).toBe(
      '"profile_id","identifiers","traits","computed","first_seen_at","last_seen_at","event_count","version","at"',
    );
    expect(text.match(/"2026-01-02T03:04:05\.678Z"/g)).toHaveLength(PEOPLE);
    const one = people[0]!;
    expect(first).toContain(`"${one.profileId}","['user_id:u${one.version}']"`);
    expect(first).toContain(JSON.stringify(one.computed).replaceAll('"', '""'));
  });

  it('is Parquet that the engine reads', async () => {
    const bytes = Buffer.from(await (await read('parquet')).arrayBuffer());
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    expect(bytes.length).toBeGreaterThan(20_000);
  });

  it('is refused in another format', async () => {
    const answer = await read('xlsx');
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('ndjson, csv, parquet'),
    ]);
  });
});
