import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bodyExamples } from './openapi-examples.js';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

/** pino's level of errors. */
const ERROR_LEVEL = 50;

const underTest = new PlatformUnderTest();

describe('an operator', () => {
  it('sees no error in the logs of a healthy first start', async () => {
    const folder = join(underTest.platform.dataDir, 'logs');
    const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'));
    expect(logs.length).toBeGreaterThanOrEqual(5);
    for (const log of logs) {
      const lines = (await readFile(join(folder, log), 'utf8'))
        .split('\n')
        .filter((line) => line.startsWith('{'));
      const errors = lines.filter((line) => (JSON.parse(line) as { level: number }).level >= ERROR_LEVEL);
      expect(errors).toEqual([]);
    }
  });

  it('finds out what a service is from its address, and how it is from /health', async () => {
    for (const { name, url } of Object.values(underTest.platform.services)) {
      const index = await fetch(url);
      expect(index.status).toBe(200);
      expect(await index.json()).toMatchObject({
        service: name,
        ready: '/health/ready',
        metrics: '/metrics',
      });
      const health = await fetch(`${url}/health`);
      expect(health.status).toBe(200);
      expect(await health.json()).toMatchObject({ status: 'ok', error: {} });
    }
  });

  it('sees the lag of each consumer and the requests of each route in the metrics', async () => {
    await underTest.client.api('/v1/audiences?limit=1');
    const metrics = await (await fetch(`${underTest.platform.services.api.url}/metrics`)).text();
    expect(metrics).toMatch(
      /^tributary_api_request_duration_seconds_count\{.*method="GET",route="\/v1\/audiences",status="200".*\} [1-9]/m,
    );
    const groups = {
      identity: ['identity-observations', 'identity-resolver', 'identity-tables'],
      'profile-builder': [
        'profile-builder-accounts',
        'profile-builder-fragments',
        'profile-builder-profiles',
        'profile-builder-tables',
      ],
      segmentation: ['segmentation-memberships', 'segmentation-tables'],
    } as const;
    for (const [service, names] of Object.entries(groups)) {
      const { url } = underTest.platform.services[service as keyof typeof groups];
      for (const group of names) {
        const shown = new RegExp(`^tributary_consumer_lag_records\\{.*group="${group}".*\\} \\d+$`, 'm');
        await eventually(async () => shown.test(await (await fetch(`${url}/metrics`)).text()), {
          withinMs: 40_000,
          what: `lag of ${group}`,
        });
      }
    }
  });
});

describe('a newcomer to the api', () => {
  it('may send every example of the documents as it stands', async () => {
    const examples = bodyExamples(await underTest.client.ask('GET', '/openapi.json'));
    expect(examples.length).toBeGreaterThanOrEqual(5);
    const refusals: string[] = [];
    for (const { method, path, body } of examples)
      await underTest.client
        .ask(method, path, body as object | undefined)
        .catch((error: unknown) => refusals.push(String(error)));
    expect(refusals).toEqual([]);
  });

  it('makes a write key with a JSON content type and no body', async () => {
    await underTest.client.ask('PUT', '/v1/sources/till', { name: 'Till' });
    const made = await underTest.client.api('/v1/sources/till/write-keys', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(made.status).toBe(201);
  });

  it('finds the source that is there from the start, and gives it a key of its own', async () => {
    const found = await underTest.client.api('/v1/sources/default');
    expect(found.status).toBe(200);
    expect(await found.json()).toMatchObject({ id: 'default', enabled: true, version: -1 });
    const { data } = (await underTest.client.ask('GET', '/v1/sources')) as {
      data: readonly { id: string }[];
    };
    expect(data.map(({ id }) => id)).toContain('default');

    const removal = await underTest.client.api('/v1/sources/default', { method: 'DELETE' });
    expect(removal.status).toBe(404);
    expect(await removal.text()).toContain('"enabled');

    const added = (await underTest.client.ask('POST', '/v1/sources/default/write-keys')) as {
      readonly key: string;
    };
    const now = (await underTest.client.ask('GET', '/v1/sources/default')) as {
      readonly version: number;
      readonly writeKeys: readonly { readonly key: string }[];
    };
    expect(now.version).toBeGreaterThanOrEqual(0);
    expect(now.writeKeys.map(({ key }) => key)).toEqual(['dev-write-key', added.key]);
  });

  it('finds a profile by its id in any case, and says in which profile a stranger is', async () => {
    await underTest.client.send(
      { type: 'identify', userId: 'ann', anonymousId: 'phone' },
      { type: 'identify', userId: 'bob', anonymousId: 'laptop' },
    );
    const { profileId } = await underTest.profile(
      'user_id:ann',
      ({ identifiers }) => identifiers.length === 2,
    );
    const bob = await underTest.profile('user_id:bob', ({ identifiers }) => identifiers.length === 2);
    const shouted = await underTest.client.api(`/v1/profiles/${profileId.toUpperCase()}`);
    expect(shouted.status).toBe(200);
    expect(await shouted.json()).toMatchObject({ profileId });

    const apart = await eventually(
      async () =>
        (await underTest.client.api('/v1/identity/graph?identifier=user_id:ann&to=user_id:bob')).json(),
      {
        until: (graph) => (graph as { apart?: unknown }).apart !== undefined,
        withinMs: 40_000,
        what: 'apart',
      },
    );
    expect(apart).toMatchObject({ apart: { identifier: 'user_id:bob', profileId: bob.profileId } });

    const nobody = await underTest.client.api('/v1/identity/graph?identifier=user_id:ann&to=user_id:nobody');
    expect(nobody.status).toBe(404);
    expect(await nobody.text()).toContain('user_id:nobody occurred on no event');
  });
});
