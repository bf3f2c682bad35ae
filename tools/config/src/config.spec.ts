import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { readArguments } from './arguments.js';
import { config } from './config.js';

/** What was asked: method, address, headers and body. */
interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
}

const CHANGE = { kind: 'audience', id: 'a', action: 'create', before: null, after: { name: 'A' } };
const SUMMARY = { created: 1, changed: 0, removed: 0, unchanged: 0, leftAlone: 0 };

let server: Server;
let folder: string;
let asked: Asked[] = [];
let answers: (readonly [status: number, body: object])[] = [];
let said: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-config-'));
  await writeFile(join(folder, 'a.yaml'), 'audiences:\n  a: { name: A }\n');
  server = createServer((request, response) => {
    void textOf(request).then((body) => {
      asked.push({ request, body });
      const [status, answer] = answers.shift() ?? [500, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  [asked, answers, said] = [[], [], []];
});

async function run(args: string, ask?: (question: string) => Promise<boolean>): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const environment = { TRIBUTARY_API_URL: `http://127.0.0.1:${port}/`, TRIBUTARY_API_TOKEN: 'token' };
  const command = readArguments(args === '' ? [] : args.split(' '), environment);
  if (typeof command === 'string') throw new Error('that is the help');
  return config(command, { say: (line) => said.push(line), ask, environment, folder });
}

const plan = (changes: readonly object[] = [CHANGE]) =>
  [200, { digest: 'd1', summary: SUMMARY, changes }] as const;

describe('plan', () => {
  it('changes nothing, and ends with 2 where that is asked for and there is something to change', async () => {
    answers = [plan(), plan(), plan([])];
    expect(await run('plan -f a.yaml')).toBe(0);
    expect(await run('plan -f . --prune --detailed-exitcode --workspace other')).toBe(2);
    expect(await run('plan -f a.yaml --detailed-exitcode')).toBe(0);
    expect(asked.map(({ request: { method, url } }) => `${method} ${url}`)).toEqual([
      'PUT /v1/definitions?prune=false&dryRun=true',
      'PUT /v1/definitions?prune=true&dryRun=true',
      'PUT /v1/definitions?prune=false&dryRun=true',
    ]);
    expect(asked[1]?.request.headers).toMatchObject({
      'x-workspace': 'other',
      authorization: 'Bearer token',
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ audiences: { a: { name: 'A' } } });
  });

  it('names the place of each fault', async () => {
    const details = [{ field: 'audiences.a.query', message: 'is missing' }];
    answers = [[400, { error: { code: 'invalid_request', message: 'all', details } }]];
    await expect(run('plan -f a.yaml')).rejects.toThrow('a.yaml:2:3: audiences.a.query is missing');
  });
});

describe('apply', () => {
  it('asks, and changes what was planned, with the reason', async () => {
    answers = [plan(), [202, plan()[1]]];
    expect(await run('apply -f a.yaml --reason größer', () => Promise.resolve(true))).toBe(0);
    const { url, headers } = asked[1]!.request;
    expect(url).toBe('/v1/definitions?prune=false&dryRun=false');
    expect(headers['if-match']).toBe('"d1"');
    expect(Buffer.from(String(headers['x-reason']), 'latin1').toString()).toBe('größer');
    expect(said.at(-1)).toContain('in force when Kafka has it');
  });

  it('changes nothing where nobody says yes, or can be asked', async () => {
    answers = [plan(), plan()];
    await expect(run('apply -f a.yaml', () => Promise.resolve(false))).rejects.toThrow('nothing was changed');
    await expect(run('apply -f a.yaml')).rejects.toThrow('--yes');
    expect(asked).toHaveLength(2);
  });

  it('tells what has changed meanwhile', async () => {
    answers = [plan(), [412, { error: { message: 'Plan again.', details: { digest: 'd2' } } }]];
    await expect(run('apply -f a.yaml --yes')).rejects.toThrow('Plan again.');
  });
});

describe('export', () => {
  it('writes a file, and leaves one that says the same as it is', async () => {
    const definitions = { audiences: { b: { name: 'B' } } };
    answers = [
      [200, definitions],
      [200, definitions],
    ];
    expect(await run('export -o out.yaml')).toBe(0);
    const text = '# ours\naudiences: { b: { name: B } }\n';
    expect(await readFile(join(folder, 'out.yaml'), 'utf8')).toBe('audiences:\n  b:\n    name: B\n');
    await writeFile(join(folder, 'out.yaml'), text);
    await run('export -o out.yaml --write-keys');
    expect(await readFile(join(folder, 'out.yaml'), 'utf8')).toBe(text);
    expect(asked.map(({ request }) => request.url)).toEqual([
      '/v1/definitions?writeKeys=false',
      '/v1/definitions?writeKeys=true',
    ]);
    await rm(join(folder, 'out.yaml'));
  });
});

describe('what cannot be', () => {
  it.each([
    ['', 'npm run config'],
    ['destroy', 'there is no command "destroy"'],
    ['plan', 'plan needs -f'],
    ['plan -f none.yaml', 'none.yaml cannot be read'],
    ['plan --nope', '--nope'],
  ])('is refused: %s', async (args, message) => {
    await expect(run(args)).rejects.toThrow(message);
  });
});
