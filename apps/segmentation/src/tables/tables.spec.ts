import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
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

  it('have each change once', async () => {
    const change = (id: string) => ({
      workspaceId: 'w',
      id,
      audienceKey: 'vips',
      profileId: 'in',
      change: 'entered',
      at,
      cause: 'event',
      version: 11,
      identifiers: [],
    });
    await tables.feed(TOPICS.changes, [change('0-11'), change('0-12')]);
    await tables.feed(TOPICS.changes, [change('0-11')], { from: 7 });
    expect(await rows('SELECT id, change, at FROM audience_changes FINAL ORDER BY id')).toEqual([
      { id: '0-11', change: 'entered', at },
      { id: '0-12', change: 'entered', at },
    ]);
  });
});
