import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { STATE_READ_PURPOSE, stateReadPath, STATE_READERS } from '@tributary/contracts';
import { ownEnvironment, ownFolder, startOwnPlatform, type OwnPlatform } from '@tributary/harness';
import { groupAddresses } from '@tributary/kafka';
import { ServiceProcess } from '@tributary/supervisor';
import { eventually } from '@tributary/testing';
import { createHmac } from 'node:crypto';

jest.setTimeout(120_000);

const PARTITIONS = '8';
/** No profile is published while the spec runs: what is read of one is read from where it is held. */
const NEVER_MS = '60000';
const PEOPLE = 24;

const stack = new AsyncDisposableStack();
let platform: OwnPlatform;
let second: ServiceProcess;

beforeAll(async () => {
  const settings = {
    ...{ KAFKA_PARTITIONS: PARTITIONS, PROFILE_BUILDER_GATHER_MS: NEVER_MS },
    PROFILE_BUILDER_PUBLISH_MS: NEVER_MS,
  };
  platform = await startOwnPlatform(stack, { env: settings });
  const dataDir = ownFolder(stack);
  const where = {
    ...{ KAFKA_BROKERS: platform.brokers, CLICKHOUSE_URL: platform.clickhouseUrl },
    TRIBUTARY_DATA: dataDir,
  };
  second = new ServiceProcess({
    ...{ name: 'profile-builder', port: 0, dataDir, restart: false },
    env: { ...ownEnvironment(), ...settings, ...where, PROFILE_BUILDER_PORT: '0' },
  });
  stack.defer(() => second.stop());
});
afterAll(() => stack.disposeAsync());

interface Read {
  readonly status: number;
  readonly source: string | null;
  readonly age: string | null;
  readonly body: { readonly profileId?: string; readonly traits?: object; readonly asOf?: string };
}

async function read(path: string): Promise<Read> {
  const { apiUrl, apiToken } = platform.client.address;
  const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${apiToken}` } });
  return {
    status: response.status,
    source: response.headers.get('x-data-source'),
    age: response.headers.get('age'),
    body: (await response.json()) as Read['body'],
  };
}

const person = (id: number) => `/v1/profiles?identifier=user_id:p${id}`;
const people = () => Promise.all(Array.from({ length: PEOPLE }, (_, id) => read(person(id))));

async function identify(id: number, traits: object): Promise<void> {
  const { collectorUrl, writeKey } = platform.client.address;
  const response = await fetch(`${collectorUrl}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId: `p${id}`, traits }),
  });
  expect(response.status).toBe(200);
}

const addresses = async (reader: keyof typeof STATE_READERS) =>
  groupAddresses(platform.connection, STATE_READERS[reader].groupId);

async function askState(to: string, token: string, body: object): Promise<readonly [number, string]> {
  const response = await fetch(`${to}${stateReadPath('profiles')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return [response.status, (await response.text()).slice(0, 3)];
}

const tokenOfReads = () =>
  createHmac('sha256', platform.client.address.apiToken).update(STATE_READ_PURPOSE).digest('base64url');
const keysOfAll = async () => (await people()).map(({ body }) => `default/${String(body.profileId)}`);

/** Both processors have two owners, or one, of all their partitions. */
async function sharedBy(processes: number): Promise<void> {
  await eventually(async () => [await addresses('profiles'), await addresses('fragments')], {
    until: (found) =>
      found.every((one) => one.size === Number(PARTITIONS) && new Set(one.values()).size === processes),
    withinMs: 30_000,
    what: `partitions shared by ${processes}`,
  });
}

/** Everybody is read from where they are held, with these traits. */
async function everybodyIs(traits: object): Promise<void> {
  await eventually(people, {
    until: (all) =>
      all.every(
        ({ source, body }) => source === 'state' && JSON.stringify(body.traits) === JSON.stringify(traits),
      ),
    withinMs: 30_000,
    what: `everybody is ${JSON.stringify(traits)}`,
  });
}

describe('a profile is read where it is held', () => {
  it('has what was sent before anything is published', async () => {
    for (let id = 0; id < PEOPLE; id += 1) await identify(id, { step: 1 });
    await everybodyIs({ step: 1 });
    const { age, body } = await read(person(0));
    expect(age).toBe('0');
    expect(Date.now() - Date.parse(String(body.asOf))).toBeLessThan(60_000);
    expect(await read(`/v1/profiles/${String(body.profileId)}`)).toMatchObject({
      status: 200,
      source: 'state',
      body: { profileId: body.profileId, traits: { step: 1 } },
    });
  });

  it('is found in the one of two processes that has it', async () => {
    await second.start();
    await sharedBy(2);
    await everybodyIs({ step: 1 });
    for (let id = 0; id < PEOPLE; id += 1) await identify(id, { step: 2 });
    await everybodyIs({ step: 2 });
    for (const { url } of [platform.services['profile-builder'], second]) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const found = /reads_total\{processor="profiles",answer="found"[^}]*\} (\d+)/.exec(metrics)?.[1];
      expect(Number(found)).toBeGreaterThan(0);
    }
  });

  it('is found again when the process that had it was killed', async () => {
    second.kill('SIGKILL');
    await second.exited;
    for (let id = 0; id < PEOPLE; id += 1) await identify(id, { step: 3 });
    await everybodyIs({ step: 3 });
    await sharedBy(1);
  });

  it('is not answered by a process that has slept until another has it', async () => {
    await second.start();
    await sharedBy(2);
    await everybodyIs({ step: 3 });
    const mine = new Set((await addresses('profiles')).values());
    second.kill('SIGSTOP');
    await sharedBy(1);
    const [kept] = (await addresses('profiles')).values();
    const [asleep = ''] = [...mine].filter((address) => address !== kept);
    const asked = askState(asleep, tokenOfReads(), { keys: await keysOfAll() });
    second.kill('SIGCONT');
    // It says so, or is gone.
    const answer = await asked.catch(() => [421]);
    expect(answer[0]).toBe(421);
    await second.stop();
    await everybodyIs({ step: 3 });
  });

  it('is answered to the api alone, each key by its owner', async () => {
    const [address = ''] = (await addresses('profiles')).values();
    const token = tokenOfReads();
    const keys = ['default/nobody'];
    expect(await askState(address, token, { keys })).toEqual([200, '404']);
    for (const another of ['another', platform.client.address.apiToken])
      expect((await askState(address, another, { keys }))[0]).toBe(401);
    expect((await askState(address, token, { keys: [] }))[0]).toBe(400);
    expect((await askState(platform.services['profile-builder'].url, token, { keys }))[0]).toBe(404);
  });
});

describe('while nobody holds a profile', () => {
  it('the tables answer, and it is found again when somebody does', async () => {
    const service = platform.services['profile-builder'];
    service.kill('SIGKILL');
    await service.exited;
    const nobody = await read('/v1/profiles/0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a1');
    expect([nobody.status, nobody.source]).toEqual([404, null]);
    await service.start();
    await everybodyIs({ step: 3 });
  });
});
