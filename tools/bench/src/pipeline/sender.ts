import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Traffic } from './traffic.js';

/** Where to and how to send. */
export interface SendOptions {
  /** The collector's address. */
  readonly url: string;
  /** Part of every identifier, so that no two rounds share a visitor. */
  readonly name: string;
  readonly events: number;
  /** In a second, over all connections. Absent: as fast as it goes, each connection waiting for its answers. */
  readonly rate?: number;
}

/** What became of it. */
export interface Sent {
  readonly events: number;
  readonly bytes: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Requests that were answered 429 or 503 and made again. */
  readonly refused: number;
  /** When the event was accepted by which a user is to enter the audience; by `performance.now()`. */
  readonly acceptedAt: ReadonlyMap<string, number>;
}

const CONNECTIONS = 16;
const BATCH = 20;
const REFUSED_PAUSE_MS = 200;
const AUTHORIZATION = `Basic ${Buffer.from('dev-write-key:').toString('base64')}`;

/** Sends a round of events in batches over connections that are kept, each with visitors of its own. */
export async function sendEvents(options: SendOptions): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const acceptedAt = new Map<string, number>();
  const batches = Math.ceil(options.events / BATCH);
  let taken = 0;
  let bytes = 0;
  let refused = 0;
  const start = performance.now();

  const connection = async (number: number) => {
    const traffic = new Traffic(`${options.name}-${number}`, number + 1);
    for (let turn = taken++; turn < batches; turn = taken++) {
      if (options.rate !== undefined) await until(start + (turn * BATCH * 1_000) / options.rate);
      const { calls, entering } = traffic.batch(BATCH);
      const body = Buffer.from(JSON.stringify({ batch: calls }));
      bytes += body.length;
      while (!(await accepted(agent, options.url, body))) {
        refused += 1;
        await pause(REFUSED_PAUSE_MS);
      }
      const now = performance.now();
      for (const userId of entering) acceptedAt.set(userId, now);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => connection(number)));
  agent.destroy();
  const seconds = (performance.now() - start) / 1_000;
  return { events: batches * BATCH, bytes, seconds, refused, acceptedAt };
}

async function until(moment: number): Promise<void> {
  const left = moment - performance.now();
  if (left > 1) await pause(left);
}

/** False when the collector asks to be spared for a while. */
function accepted(agent: Agent, url: string, body: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: AUTHORIZATION,
      'Content-Type': 'application/json',
      'Content-Length': body.length,
    };
    const call = request(`${url}/v1/batch`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode = 0 } = response;
        const text = Buffer.concat(chunks).toString('utf8');
        if (statusCode === 429 || statusCode === 503) resolve(false);
        else if (statusCode === 200 && !text.includes('"rejected"')) resolve(true);
        else reject(new Error(`the collector answered ${statusCode}: ${text.slice(0, 300)}`));
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
