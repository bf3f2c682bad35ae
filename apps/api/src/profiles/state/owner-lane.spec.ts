import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { writeStateAnswers, type StateAnswer } from '@tributary/contracts';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { OwnerLane } from './owner-lane.js';

const dispatcher = new Agent();
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

afterAll(async () => {
  await dispatcher.destroy();
});

/** An owner that answers as it is told, with what it was asked for. */
async function lane(answer: (keys: readonly string[], response: ServerResponse) => void, timeoutMs = 5_000) {
  const asked: (readonly string[])[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { keys } = JSON.parse(Buffer.concat(parts).toString()) as { readonly keys: readonly string[] };
      asked.push(keys);
      answer(keys, response);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, lane: new OwnerLane({ reader: 'profiles', address, token: 't', dispatcher, timeoutMs }) };
}

const found = (key: string): StateAnswer => ({ state: 'found', text: `"${key}"`, asOf: 1 });
const all = (keys: readonly string[], response: ServerResponse) =>
  response.end(writeStateAnswers(keys.map(found)));

describe('OwnerLane', () => {
  it('puts what is asked for meanwhile into one request, a hundred keys at most', async () => {
    const { asked, lane: to } = await lane(all);
    const keys = Array.from({ length: 250 }, (_, i) => `k${i}`);
    expect(await Promise.all(keys.map((key) => to.ask(key)))).toEqual(keys.map(found));
    expect(asked.flat().sort()).toEqual([...keys].sort());
    expect(asked.length).toBeLessThan(10);
    expect(Math.max(...asked.map(({ length }) => length))).toBe(100);
  });

  it('asks again for what an answer had no room for', async () => {
    const { lane: to } = await lane((keys, response) => all(keys.slice(0, 3), response));
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    expect(await Promise.all(keys.map((key) => to.ask(key)))).toEqual(keys.map(found));
  });

  it('says that another owns a key, also where that is the whole answer', async () => {
    const { lane: to } = await lane((keys, response) => {
      response.statusCode = 421;
      response.end(writeStateAnswers(keys.map(() => ({ state: 'misdirected' }))));
    });
    expect(await to.ask('a')).toEqual({ state: 'misdirected' });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(503).end('{}')],
    ['something else', (response) => response.end('200 x')],
    ['nothing', (response) => response.end()],
    ['the end of the connection', (response) => response.destroy()],
  ])('is told that there is no answer by %s', async (_name, answer) => {
    const { lane: to } = await lane((_keys, response) => {
      answer(response);
    });
    expect(await Promise.all([to.ask('a'), to.ask('b')])).toEqual(['away', 'away']);
  });

  it('waits no longer than it may, and is told so of a connection that nobody takes', async () => {
    const { lane: to } = await lane(() => undefined, 50);
    expect(await to.ask('a')).toBe('away');
    const nowhere = new OwnerLane({
      ...{ reader: 'profiles', address: 'http://127.0.0.1:1', token: 't', dispatcher, timeoutMs: 1_000 },
    });
    expect(await nowhere.ask('a')).toBe('away');
  });
});
