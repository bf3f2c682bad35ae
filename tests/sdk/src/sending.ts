import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AnyRequest } from './requests.js';

const PATIENCE_MS = 20_000;
const agent = new Agent({ keepAlive: true, maxSockets: 20 });

/** The status of an answer, or `closed` where the connection ended without one. */
export type Outcome = number | 'closed';

/** Lets go of the connections that are kept. */
export function hangUp(): void {
  agent.destroy();
}

export async function outcomeOf(url: string, { method, path, headers, body }: AnyRequest): Promise<Outcome> {
  const sending = request(`${url}/`, { agent, method, path, headers, timeout: PATIENCE_MS });
  sending.on('timeout', () => sending.destroy(new Error('no answer')));
  // What is wrong with a connection after its answer has come is no matter.
  sending.on('error', () => undefined);
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.end(body);
  try {
    const [answer] = await answered;
    answer.on('error', () => undefined).resume();
    await once(answer, 'close');
    return answer.statusCode ?? 'closed';
  } catch (error) {
    if (error instanceof Error && error.message === 'no answer') throw error;
    return 'closed';
  }
}

/** Sends bytes and no more, and takes what comes back for HTTP. */
export async function outcomeOfBytes(url: string, bytes: Buffer): Promise<Outcome> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => undefined).on('data', (data) => (text += data.toString('latin1')));
  socket.end(bytes);
  await once(socket, 'close');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return status === undefined ? 'closed' : Number(status);
}
