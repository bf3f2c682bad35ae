import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const { workspace } = api;
const ask = api.ask.bind(api);

beforeAll(async () => {
  await api.start();
}, 60_000);

afterAll(async () => {
  await api.stop();
}, 60_000);

const instant = (second: number) => `2026-01-02T03:04:0${second}.000Z`;

async function fillViolations(): Promise<void> {
  const source = { source_id: 'planned' };
  const violation = {
    ...source,
    type: 'track',
    event: 'A',
    code: 'plan_violation',
    message: 'must be number',
  };
  await api.insert(
    'plan_violations',
    [1, 2].map((n) => ({
      ...violation,
      received_at: instant(n),
      field: `properties.items[${n}].price`,
      dropped: true,
    })),
  );
  const call = { type: 'track', event: 'B', userId: 'ann' };
  const reason = { code: 'plan_violation', field: 'properties.total', message: 'is required' };
  const bodies = [{ batch: [call] }, call, { event: 'B', userId: 'ann' }];
  await api.insert(
    'rejected_events',
    bodies.map((body, n) => ({
      ...source,
      received_at: instant(n + 3),
      route: n === 2 ? '/v1/track' : '/v1/batch',
      reasons: [reason, { code: 'no_identifier', field: '', message: 'of another kind' }],
      raw: Buffer.from(JSON.stringify(body)).toString('base64'),
    })),
  );
}

describe('the violations of a source', () => {
  beforeAll(fillViolations);

  it('groups what differed from the plan of a source, of calls that passed and that were rejected', async () => {
    expect((await ask('PUT', '/v1/sources/planned', { name: 'Planned' })).status).toBe(201);
    const { body } = await ask('GET', '/v1/sources/planned/violations?since=2026-01-01T00:00:00Z');
    expect(body).toEqual({
      data: [
        {
          type: 'track',
          event: 'B',
          field: 'properties.total',
          code: 'plan_violation',
          outcome: 'rejected',
          message: 'is required',
          count: 3,
          firstSeenAt: instant(3),
          lastSeenAt: instant(5),
        },
        {
          type: 'track',
          event: 'A',
          field: 'properties.items[].price',
          code: 'plan_violation',
          outcome: 'dropped',
          message: 'must be number',
          count: 2,
          firstSeenAt: instant(1),
          lastSeenAt: instant(2),
        },
      ],
    });
    expect((await ask('GET', '/v1/sources/planned/violations')).body).toEqual({ data: [] });
  });
});

describe('putting a source', () => {
  it('writes it whole, and a key more, and removes it by a null record', async () => {
    const records: LogRecord[] = [];
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
    const follower = new TopicFollower(connection, TOPICS.sources, (record) => {
      if (record.key === `${workspace}/till`) records.push(record);
    });
    await follower.start();
    const { headers } = await ask('PUT', '/v1/sources/till', { name: 'Till', allowedOrigins: [] });
    const { body: key } = await ask('POST', '/v1/sources/till/write-keys');
    expect((await ask('GET', '/v1/sources/till')).body).toMatchObject({ writeKeys: [key] });
    expect((await ask('DELETE', '/v1/sources/till')).status).toBe(204);
    await eventually(() => records.length === 3);
    await follower.stop();
    expect(headers.get('etag')).toBe(`"${records[0]?.headers.version}"`);
    expect(records.map(({ value }) => value && (JSON.parse(String(value)) as unknown))).toEqual([
      expect.objectContaining({ workspaceId: workspace, id: 'till', writeKeys: [], allowedOrigins: [] }),
      expect.objectContaining({ writeKeys: [key] }),
      null,
    ]);
  });
});
