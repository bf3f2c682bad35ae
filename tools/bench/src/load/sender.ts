import { Traffic } from '@tributary/harness/people';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { percentile } from '../statistics.js';
import { monotonicMs } from './clock.js';
import { MOST_PREPARED_EVENTS, type LoadOptions, type Sent } from './load.js';

const REFUSED_PAUSE_MS = 200;
const HEADERS = {
  authorization: `Basic ${Buffer.from('dev-write-key:').toString('base64')}`,
  'content-type': 'application/json',
};

/** A request that is ready to be sent. */
interface Request {
  readonly path: string;
  readonly body: Buffer;
  readonly entering: readonly string[];
}

/** What one connection sends: requests of visitors of its own, so that each visitor's events keep their order. */
type Requests = () => Request;

/** Sends a load over connections that are kept. */
export async function sendLoad(options: LoadOptions): Promise<Sent> {
  if (options.prepared && options.events > MOST_PREPARED_EVENTS)
    throw new Error(`${options.events} events are too many to be prepared: at most ${MOST_PREPARED_EVENTS}`);
  const requests = Math.ceil(options.events / options.batch);
  const traffics = Array.from({ length: options.connections }, (_, n) => trafficOf(options, n));
  const streams = traffics.map((traffic, n) => streamOf(traffic, options, shareOf(requests, n, options)));
  const pool = new Pool(options.url, { connections: options.connections, pipelining: 1 });
  try {
    const tally = await sendAll(pool, streams, requests, options);
    return {
      events: requests * options.batch,
      visitors: traffics.reduce((sum, { visitors }) => sum + visitors, 0),
      bytes: tally.bytes,
      startedAt: tally.startedAt,
      seconds: (monotonicMs() - tally.startedAt) / 1_000,
      refused: tally.refused,
      requestMs: { p50: percentile(tally.requestMs, 0.5), p99: percentile(tally.requestMs, 0.99) },
      entering: tally.entering,
    };
  } finally {
    await pool.destroy();
  }
}

function trafficOf(options: LoadOptions, n: number): Traffic {
  const { name, kind, known, batch } = options;
  const whole = { name: `${name}-${n}`, seed: n + 1, kind };
  if (!known) return new Traffic(whole);
  const count = shareOf(Math.ceil(known.events / batch), n, options) * batch;
  return new Traffic({ ...whole, known: { name: `${known.name}-${n}`, count } });
}

const shareOf = (requests: number, n: number, { connections }: LoadOptions) =>
  Math.floor(requests / connections) + (n < requests % connections ? 1 : 0);

function streamOf(traffic: Traffic, { batch, prepared }: LoadOptions, count: number): Requests {
  if (!prepared) return () => requestOf(traffic, batch);
  const made = Array.from({ length: count }, () => requestOf(traffic, batch));
  let next = 0;
  return () => {
    const request = made[next++];
    if (!request) throw new Error('more requests are asked for than were prepared');
    return request;
  };
}

function requestOf(traffic: Traffic, batch: number): Request {
  const at = Date.now();
  const sentAt = new Date(at).toISOString();
  const { calls, entering } = traffic.batch(batch, at);
  const [first] = calls;
  const content = batch === 1 && first ? { ...first, sentAt } : { batch: calls, sentAt };
  const path = batch === 1 ? `/v1/${String(first?.type)}` : '/v1/batch';
  return { path, body: Buffer.from(JSON.stringify(content)), entering };
}

async function sendAll(pool: Pool, streams: readonly Requests[], requests: number, options: LoadOptions) {
  const requestMs: number[] = [];
  const entering: [string, number][] = [];
  let [bytes, refused, taken] = [0, 0, 0];
  const startedAt = monotonicMs();
  const connection = async (stream: Requests, share: number) => {
    for (let turn = 0; turn < share; turn += 1) {
      const place = taken++;
      if (options.rate !== undefined) await until(startedAt + (place * options.batch * 1_000) / options.rate);
      const request = stream();
      bytes += request.body.length;
      let sentAt = monotonicMs();
      while (!(await accepted(pool, request))) {
        refused += 1;
        await pause(REFUSED_PAUSE_MS);
        sentAt = monotonicMs();
      }
      const now = monotonicMs();
      requestMs.push(now - sentAt);
      for (const userId of request.entering) entering.push([userId, now]);
    }
  };
  await Promise.all(streams.map((stream, n) => connection(stream, shareOf(requests, n, options))));
  return { requestMs, entering, bytes, refused, startedAt };
}

async function until(moment: number): Promise<void> {
  const left = moment - monotonicMs();
  if (left > 1) await pause(left);
}

/** False when the collector asks to be spared for a while. */
async function accepted(pool: Pool, { path, body }: Request): Promise<boolean> {
  const { statusCode, body: answer } = await pool.request({ path, method: 'POST', headers: HEADERS, body });
  const text = await answer.text();
  if (statusCode === 429 || statusCode === 503) return false;
  if (statusCode === 200 && !text.includes('"rejected"')) return true;
  throw new Error(`the collector answered ${path} with ${statusCode}: ${text.slice(0, 300)}`);
}
