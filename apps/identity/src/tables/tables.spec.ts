import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IDENTITY_ASSIGNMENTS_SCHEMA, migrate } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { TablesDriver } from '@tributary/drivers';
import { IDENTITY_SCHEMA } from './migrations.js';
import { IDENTITY_SINKS } from './sinks.js';

const at = '2026-01-02T03:04:05.678Z';

describe("the identity service's tables", () => {
  const tables = new TablesDriver([IDENTITY_ASSIGNMENTS_SCHEMA, IDENTITY_SCHEMA], IDENTITY_SINKS);
  const rows = (query: string) => tables.rows(query);

  beforeAll(() => tables.start());
  afterAll(() => tables.close());

  it('keep every version of an assignment, once, and show the latest', async () => {
    const assignment = (version: number, profileId: string) => ({
      workspaceId: 'w',
      identifier: 'user_id:u1',
      profileId,
      version,
      reason: 'linked',
      formerly: [],
      resolvedThrough: { partition: 0, offset: -1 },
      at,
    });
    await tables.feed(TOPICS.assignments, [assignment(1, 'p1'), assignment(3, 'p3')]);
    await tables.feed(TOPICS.assignments, [assignment(1, 'p1'), assignment(2, 'p2')]);
    expect(await rows('SELECT version, profile_id FROM identity_assignments FINAL ORDER BY version')).toEqual(
      [
        { version: 1, profile_id: 'p1' },
        { version: 2, profile_id: 'p2' },
        { version: 3, profile_id: 'p3' },
      ],
    );
    expect(await rows('SELECT identifier, profile_id, latest_version FROM current_assignments')).toEqual([
      { identifier: 'user_id:u1', profile_id: 'p3', latest_version: 3 },
    ]);
  });

  describe('of links', () => {
    const eligibility = (end: string, other: string, refusal: string | undefined, version: number) => ({
      workspaceId: 'w',
      to: other,
      messages: [],
      said: [
        {
          ...{ end, endFirstSeen: Date.parse(at) - version * 1_000, version },
          links: [[other, Date.parse(at), ...(refusal === undefined ? [] : [refusal])]],
        },
      ],
    });

    it('show a link as eligible while both ends say so, and else what each end has against it', async () => {
      const shown = () =>
        rows("SELECT * EXCEPT (workspace_id, version) FROM current_links WHERE a = 'email:a'");
      const link = { a: 'email:a', b: 'user_id:u1', first_seen: at };
      await tables.feed(TOPICS.links, [eligibility('user_id:u1', 'email:a', undefined, 5)]);
      const b_first_seen = '2026-01-02T03:04:00.678Z';
      expect(await shown()).toEqual([
        { ...link, eligible: false, refusal_a: null, refusal_b: '', a_first_seen: null, b_first_seen },
      ]);
      await tables.feed(TOPICS.links, [eligibility('email:a', 'user_id:u1', undefined, 2)]);
      const both = { ...link, a_first_seen: '2026-01-02T03:04:03.678Z', b_first_seen };
      expect(await shown()).toEqual([{ ...both, eligible: true, refusal_a: '', refusal_b: '' }]);
      await tables.feed(TOPICS.links, [eligibility('user_id:u1', 'email:a', 'limit', 6)]);
      await tables.feed(TOPICS.links, [eligibility('user_id:u1', 'email:a', undefined, 5)]);
      expect(await shown()).toEqual([
        {
          ...both,
          eligible: false,
          refusal_a: '',
          refusal_b: 'limit',
          b_first_seen: '2026-01-02T03:03:59.678Z',
        },
      ]);
    });

    it('are found by either of their ends, and no others with them', async () => {
      const said = (a: string, b: string) => [
        eligibility(a, b, undefined, 1),
        eligibility(b, a, 'supernode', 1),
      ];
      await tables.feed(TOPICS.links, [...said('l:1', 'l:2'), ...said('l:3', 'l:1'), ...said('l:2', 'l:3')]);
      const of = (...identifiers: string[]) =>
        rows(
          `SELECT a, b, refusal_a, refusal_b FROM links_of(workspace = 'w', identifiers = [${identifiers
            .map((id) => `'${id}'`)
            .join()}]) ORDER BY a, b`,
        );
      const [l12, l13, l23] = [
        { a: 'l:1', b: 'l:2', refusal_a: '', refusal_b: 'supernode' },
        { a: 'l:1', b: 'l:3', refusal_a: 'supernode', refusal_b: '' },
        { a: 'l:2', b: 'l:3', refusal_a: '', refusal_b: 'supernode' },
      ];
      expect(await of('l:1')).toEqual([l12, l13]);
      expect(await of('l:2', 'l:3')).toEqual([l12, l13, l23]);
      expect(await of('l:4')).toEqual([]);
      await tables.client.insert({
        table: 'identity_assignments',
        values: ['l:2', 'l:4'].map((identifier) => ({ workspace_id: 'w', identifier, profile_id: 'p-l' })),
        format: 'JSONEachRow',
      });
      expect(
        await rows(
          "SELECT a, b, refusal_a, refusal_b FROM links_of_profile(workspace = 'w', profile = 'p-l') ORDER BY a, b",
        ),
      ).toEqual([l12, l23]);
    });

    it('read rows from before refusals were kept as what was known then', async () => {
      await tables.client.command({ query: 'DROP TABLE IF EXISTS identity_links' });
      await tables.client.command({
        query: `DELETE FROM schema_migrations WHERE service = 'identity'`,
        clickhouse_settings: { mutations_sync: '1' },
      });
      await migrate(tables.client, {
        ...IDENTITY_SCHEMA,
        migrations: IDENTITY_SCHEMA.migrations.slice(0, 1),
      });
      const old = { workspace_id: 'w', kind: 'eligibility', first_seen: at, version: 1 };
      await tables.client.insert({
        table: 'identity_links',
        values: [
          { ...old, a: 'o:1', b: 'o:2', eligible: true },
          { ...old, a: 'o:2', b: 'o:1', eligible: false },
        ],
        format: 'JSONEachRow',
      });
      await migrate(tables.client, IDENTITY_SCHEMA);
      expect(await rows("SELECT * FROM current_links WHERE a = 'o:1'")).toEqual([
        {
          workspace_id: 'w',
          a: 'o:1',
          b: 'o:2',
          eligible: false,
          refusal_a: '',
          refusal_b: 'unknown',
          first_seen: at,
          a_first_seen: at,
          b_first_seen: at,
          version: 1,
        },
      ]);
    });
  });
});
