import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from './ledger.js';

const SHARED = 3;
const CONTESTED_KEYS = 4;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 20;

interface Answer {
  /** 0: none came. */
  readonly status: number;
  readonly etag: string;
  readonly body: {
    readonly version?: number;
    readonly description?: string;
    readonly key?: string;
  };
}

/** Asks either of several processes, as whoever comes in through a balancer. */
export class Door {
  constructor(
    private readonly urls: () => readonly string[],
    private readonly token: string,
  ) {}

  async ask(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const urls = this.urls();
    const url = urls[Math.floor(Math.random() * urls.length)] ?? '';
    try {
      const response = await fetch(`${url}/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      const read = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
      return { status: response.status, etag: response.headers.get('etag') ?? '', body: read };
    } catch {
      return { status: 0, etag: '', body: {} };
    }
  }
}

/** Changes definitions until it is told to end: those that all writers change, and some of its own. */
export async function write(writer: number, door: Door, ledger: Ledger, ended: AbortSignal): Promise<void> {
  const acts = [countUp, putOwn, removeAndRestore, addKey, takeKey];
  for (let turn = writer; !ended.aborted; turn += 1) {
    const act = acts[turn % acts.length] ?? countUp;
    const status = await act({ writer, door, ledger });
    ledger.count(status);
    if (status === 0 || status === 503) await delay(PAUSE_MS * 5);
    else await delay(PAUSE_MS);
  }
}

interface Turn {
  readonly writer: number;
  readonly door: Door;
  readonly ledger: Ledger;
}

const isDone = ({ status }: Answer) => status >= 200 && status < 300;

const audience = (n: number, nonce: string) => ({
  name: 'Pro',
  query: "trait('plan') = 'pro'",
  description: JSON.stringify({ n, nonce }),
});

/** One more than what it has read, if nobody else was quicker. */
async function countUp({ writer, door, ledger }: Turn): Promise<number> {
  const path = `audiences/shared-${writer % SHARED}`;
  const before = await door.ask('GET', path);
  if (before.status !== 200 && before.status !== 404) return before.status;
  const { n } = JSON.parse(before.body.description ?? '{"n":0}') as { readonly n: number };
  const nonce = randomUUID();
  const condition = before.status === 404 ? { 'if-none-match': '*' } : { 'if-match': before.etag };
  return put(door, ledger, { path, nonce, body: audience(n + 1, nonce), headers: condition });
}

async function putOwn({ writer, door, ledger }: Turn): Promise<number> {
  const nonce = randomUUID();
  return put(door, ledger, { path: `audiences/own-${writer}`, nonce, body: audience(0, nonce), headers: {} });
}

async function put(
  door: Door,
  ledger: Ledger,
  {
    path,
    nonce,
    body,
    headers,
  }: {
    readonly path: string;
    readonly nonce: string;
    readonly body: object;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const answer = await door.ask('PUT', path, body, { ...headers, 'x-reason': nonce });
  if (isDone(answer)) ledger.changes.push({ path, nonce, version: Number(answer.body.version) });
  return answer.status;
}

/** Takes its own audience away and brings it back. */
async function removeAndRestore({ writer, door, ledger }: Turn): Promise<number> {
  const path = `audiences/own-${writer}`;
  const before = await door.ask('GET', path);
  if (before.status !== 200) return before.status;
  const nonce = randomUUID();
  const removed = await door.ask('DELETE', path, undefined, { 'if-match': before.etag, 'x-reason': nonce });
  if (!isDone(removed)) return removed.status;
  ledger.changes.push({ path, nonce });
  const again = randomUUID();
  const restored = await door.ask(
    'POST',
    `${path}/versions/${Number(before.body.version)}/restore`,
    undefined,
    { 'x-reason': again },
  );
  if (isDone(restored)) ledger.changes.push({ path, nonce: again, version: Number(restored.body.version) });
  return restored.status;
}

async function addKey({ door, ledger }: Turn): Promise<number> {
  const nonce = randomUUID();
  const answer = await door.ask('POST', 'sources/shop/write-keys', undefined, { 'x-reason': nonce });
  if (isDone(answer) && answer.body.key !== undefined) {
    ledger.keys.push(answer.body.key);
    ledger.changes.push({ path: 'sources/shop', nonce });
  }
  return answer.status;
}

/** A key that others want, too. */
async function takeKey({ writer, door, ledger }: Turn): Promise<number> {
  const nonce = randomUUID();
  const path = `sources/till-${writer}`;
  const key = `contested-${Math.floor(Math.random() * CONTESTED_KEYS)}`;
  const body = { name: nonce, writeKeys: Math.random() < 0.5 ? [] : [{ key }] };
  return put(door, ledger, { path, nonce, body, headers: {} });
}
