import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { epochKey, TOPICS } from '@tributary/contracts';
import { TablesDriver } from '@tributary/drivers';
import { SEGMENTATION_SCHEMA } from './migrations.js';
import { SEGMENTATION_SINKS } from './sinks.js';

const at = '2026-01-02T03:04:05.678Z';

describe("the segmentation service's tables", () => {
  const tables = new TablesDriver([SEGMENTATION_SCHEMA], SEGMENTATION_SINKS);
  const rows = (query: string) => tables.rows(query);

  beforeAll(() => tables.start());
  afterAll(() => tables.close());

  const membership = (profileId: string, member: boolean, epoch: number) => ({
    workspaceId: 'w',
    audienceKey: 'vips',
    profileId,
    member,
    since: at,
    epoch,
    cause: 'event',
    identifiers: [`user_id:${profileId}`],
  });

  it('show who is a member by the highest epoch, then the last record', async () => {
    await tables.feed(TOPICS.memberships, [membership('in', false, 5), membership('in', true, 5)], {
      from: 10,
    });
    await tables.feed(TOPICS.memberships, [membership('out', false, 90)], { from: 100 });
    await tables.feed(TOPICS.memberships, [membership('out', true, 5)], { from: 200 });
    expect(await rows('SELECT * FROM current_memberships')).toEqual([
      { workspace_id: 'w', audience_key: 'vips', profile_id: 'in', since: at, identifiers: ['user_id:in'] },
    ]);
  });

  it('have each change once, and none that a former owner wrote', async () => {
    const change = (id: string) => ({
      workspaceId: 'w',
      id,
      audienceKey: 'vips',
      profileId: 'in',
      change: 'entered',
      at,
      cause: 'event',
      identifiers: [],
    });
    const tell = (from: number, epoch: number, ...ids: readonly string[]) =>
      tables.feed(TOPICS.changes, ids.map(change), { from, headers: { epoch: String(epoch) } });
    const claim = { workspaceId: '@', claim: 'x', at };
    const begin = (from: number, epoch: number) =>
      tables.feed(TOPICS.changes, [claim], {
        ...{ from, key: epochKey(0), schema: 'epoch@1' },
        headers: { epoch: String(epoch) },
      });
    await begin(0, 5);
    await tell(1, 5, '0-5-1', '0-5-2');
    await tell(3, 5, '0-5-1');
    await begin(4, 9);
    await begin(5, 7);
    await tell(6, 9, '0-5-3');
    await tell(7, 5, '0-5-3', '0-5-4', '0-5-2');
    await tell(10, 7, '0-7-1');
    await tell(11, 9, '0-9-1');
    const told = (id: string, epoch: number) => ({ id, change: 'entered', at, epoch: String(epoch) });
    const query =
      "SELECT id, change, at, toString(epoch) AS epoch FROM audience_changes WHERE id LIKE '0-%' ORDER BY id";
    expect(await rows(query)).toEqual([
      ...[told('0-5-1', 5), told('0-5-2', 5), told('0-5-3', 9), told('0-9-1', 9)],
    ]);
  });
});
