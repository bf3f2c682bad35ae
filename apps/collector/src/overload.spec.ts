import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clickhouseUrl, eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const HEAP_MB = 96;
const IN_FLIGHT_BYTES = 8_000_000;
/** Of the heap, of what is in flight outside of it, and of the program itself. */
const MOST_BYTES = 400_000_000;
const CLIENTS = 200;
const CALLS = 100;
const FOR_MS = 5_000;

const writeKey = uniqueName('key');
let dataDir: string;
let child: ChildProcess;
let url: string;
let hasEnded = false;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-overload-'));
  child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, MAIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      KAFKA_BROKERS: kafkaBrokers().join(','),
      CLICKHOUSE_URL: clickhouseUrl(),
      COLLECTOR_PORT: '0',
      COLLECTOR_INTERNAL_PORT: '0',
      COLLECTOR_IN_FLIGHT_BYTES: String(IN_FLIGHT_BYTES),
      TRIBUTARY_DATA: dataDir,
      TRIBUTARY_WRITE_KEY: writeKey,
      TRIBUTARY_WORKSPACE: uniqueName('workspace'),
      LOG_LEVEL: 'error',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    },
  });
  child.on('exit', () => (hasEnded = true));
  url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      resolve((message as { readonly url: string }).url);
    });
    child.on('exit', () => {
      reject(new Error('the collector did not start'));
    });
  });
});

afterAll(async () => {
  child.kill('SIGKILL');
  await eventually(() => hasEnded);
  await rm(dataDir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function post(agent: Agent, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const sent = request(`${url}/v1/batch`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      });
    });
    // It may refuse the request before it has read the body.
    sent.on('error', reject);
    sent.end(body);
  });
}

const metric = async (name: string) => {
  const shown = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(shown)?.[1]);
};

describe('a collector that gets more than it can take', () => {
  it('sheds the rest, holds no more than it may, and is there afterwards', async () => {
    const batch = Array.from({ length: CALLS }, (_, n) => ({
      type: 'track',
      event: 'Bought',
      userId: `u${n}`,
      properties: { n, text: 'x'.repeat(400) },
    }));
    const body = Buffer.from(JSON.stringify({ batch }));
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    const answers = new Map<string, number>();
    let isOver = false;
    let mostBytes = 0;
    const watch = async () => {
      while (!isOver) {
        mostBytes = Math.max(mostBytes, await metric('process_resident_memory_bytes').catch(() => 0));
      }
    };
    const client = async () => {
      while (!isOver) {
        const { status, retryAfter } = await post(agent, body).catch(() => ({
          status: 0,
          retryAfter: undefined,
        }));
        const told = `${status} ${retryAfter ?? ''}`.trim();
        answers.set(told, (answers.get(told) ?? 0) + 1);
      }
    };
    const all = Promise.all([watch(), ...Array.from({ length: CLIENTS }, client)]);
    await new Promise((resolve) => setTimeout(resolve, FOR_MS));
    isOver = true;
    await all;
    agent.destroy();
    expect(hasEnded).toBe(false);
    answers.delete('0');
    expect([...answers.keys()].sort()).toEqual(['200', '503 1']);
    expect(mostBytes).toBeGreaterThan(0);
    expect(mostBytes).toBeLessThan(MOST_BYTES);
    await eventually(async () => (await metric('tributary_collector_in_flight_bytes')) === 0);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });
});
