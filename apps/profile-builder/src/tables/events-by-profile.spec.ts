import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { TOPICS } from '@tributary/contracts';
import { at, event, tablesOfSpec } from '../../test/tables.fixture.js';

function profileWith(profileId: string, ...identifiers: readonly string[]) {
  return {
    workspaceId: 'w',
    profileId,
    version: 1,
    at,
    traits: {},
    traitSources: {},
    identifiers: identifiers.map((id) => ({
      namespace: id.split(':')[0],
      value: id.split(':')[1],
      firstSeenAt: at,
      lastSeenAt: at,
    })),
    computed: {},
    firstSeenAt: at,
    lastSeenAt: at,
    eventCount: 1,
  };
}

const tables = tablesOfSpec();
const rows = (query: string) => tables.rows(query);
beforeAll(() => tables.start());
afterAll(() => tables.close());

const published = new Map<string, string[]>();
/** As the resolver does, with every profile that the identifier ever had. */
const assign = async (identifier: string, profileId: string, version: number) => {
  const formerly = published.get(identifier) ?? [profileIdOf('w', identifier)];
  published.set(identifier, [...formerly, profileId]);
  await tables.client.insert({
    table: 'identity_assignments',
    columns: ['workspace_id', 'identifier', 'profile_id', 'version', 'formerly'],
    values: [
      {
        workspace_id: 'w',
        identifier,
        profile_id: profileId,
        version,
        formerly: [...formerly, profileId],
      },
    ],
    format: 'JSONEachRow',
  });
};

describe('events by profile', () => {
  it('are of the profile that has the identifier now', async () => {
    await tables.feed(TOPICS.events, [event('j1', 'user_id:joined'), event('j2', 'anonymous_id:joined')], {
      from: 60,
    });
    const profilesOf = async () =>
      (
        await rows(
          "SELECT profile_id FROM events_by_profile WHERE message_id IN ('j1', 'j2') ORDER BY message_id",
        )
      ).map((row) => row.profile_id);
    const own = [profileIdOf('w', 'user_id:joined'), profileIdOf('w', 'anonymous_id:joined')];
    expect(await profilesOf()).toEqual(own);
    await assign('anonymous_id:joined', own[0]!, 7);
    expect(await profilesOf()).toEqual([own[0], own[0]]);
    await assign('anonymous_id:joined', own[1]!, 9);
    await assign('anonymous_id:joined', own[0]!, 8);
    expect(await profilesOf()).toEqual(own);
  });

  it('are found for one profile: of those who are in it now, and of no others', async () => {
    await tables.feed(TOPICS.events, [event('o1', 'user_id:one'), event('o2', 'anonymous_id:one')], {
      from: 80,
    });
    await tables.feed(TOPICS.events, [event('o3', 'user_id:beside')], { from: 85 });
    const [own, anonymous] = [profileIdOf('w', 'user_id:one'), profileIdOf('w', 'anonymous_id:one')];
    const found = async (view: string, profile: string) =>
      (
        await rows(
          `SELECT message_id FROM ${view}(workspace = 'w', profile = '${profile}') ORDER BY message_id`,
        )
      ).map((row) => row.message_id);
    const views = ['events_of_profile', 'events_log_of_profile'];
    await tables.feed(TOPICS.profiles, [profileWith(own, 'user_id:one', 'user_id:beside')], { from: 80 });
    for (const view of views) {
      expect(await found(view, own)).toEqual(['o1']);
      expect(await found(view, anonymous)).toEqual([]);
    }
    await assign('user_id:one', own, 1);
    await assign('anonymous_id:one', own, 2);
    for (const view of views) expect(await found(view, own)).toEqual(['o1', 'o2']);
    await assign('anonymous_id:one', anonymous, 4);
    await assign('user_id:one', anonymous, 5);
    for (const view of views) {
      expect(await found(view, own)).toEqual([]);
      expect(await found(view, anonymous)).toEqual(['o1', 'o2']);
    }
  });

  it('are read without the rest of the log', async () => {
    const many = Array.from({ length: 40_000 }, (_, i) => `user_id:many-${i}`);
    await tables.client.insert({
      table: 'events_log',
      columns: ['workspace_id', 'identifier', 'message_id'],
      values: many.map((identifier) => ({ workspace_id: 'w', identifier, message_id: identifier })),
      format: 'JSONEachRow',
    });
    await assign('user_id:many-7', 'p-many', 1);
    const plan = await rows(
      `SELECT extract(explain, 'Granules: ([0-9]+)/') AS used, extract(explain, '/([0-9]+)') AS all FROM (
         EXPLAIN indexes = 1 SELECT message_id FROM events_log_of_profile(workspace = 'w', profile = 'p-many')
       ) WHERE used != ''`,
    );
    const used = Math.max(...plan.map((row) => Number(row.used)));
    const all = Math.max(...plan.map((row) => Number(row.all)));
    expect(all).toBeGreaterThan(4);
    expect(used).toBeLessThanOrEqual(all / 2);
  });

  it('are of a profile named as the kernel does where the identifier was never assigned', async () => {
    const identifiers = Array.from({ length: 100 }, (_, i) => `email:Ünï·${i * 7919}@example.com`);
    await tables.feed(
      TOPICS.events,
      identifiers.map((id, i) => event(`own-${i}`, id)),
      { from: 100 },
    );
    const named = await rows(
      "SELECT identifier, profile_id FROM events_log_by_profile WHERE startsWith(message_id, 'own-')",
    );
    expect(new Map(named.map((row) => [row.identifier, row.profile_id]))).toEqual(
      new Map(identifiers.map((id) => [id, profileIdOf('w', id)])),
    );
  });
});
