import type { ISocketFactory } from 'kafkajs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSafely } from 'node:tls';
import { KEEP_ALIVE_MS } from './client-settings.js';

/** The sockets of one client: kafkajs's own way of closing them waits for every answer that is still to come. */
export class ClientSockets {
  readonly #open = new Set<Socket>();
  #isIdle = false;
  #isCut = false;
  #hasClosed = false;

  readonly factory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const socket = (ssl as typeof ssl | undefined)
      ? connectSafely({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#open.add(socket);
    // Node waits for the connection before it takes `ref` or `unref`, with a listener for each time that it is told.
    socket.once('connect', () => {
      if (this.#isIdle) socket.unref();
    });
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#hasClosed = true;
    });
    if (this.#isCut) socket.destroy(new Error('closed by its reader'));
    return socket;
  };

  /** Whether one of them was closed since the last time that this was asked. */
  takeHasClosed(): boolean {
    const had = this.#hasClosed;
    this.#hasClosed = false;
    return had;
  }

  /** Whether they are in use: sockets that are not keep no process alive. */
  use(inUse: boolean): void {
    this.#isIdle = !inUse;
    for (const socket of this.#open) {
      if (socket.connecting) continue;
      if (inUse) socket.ref();
      else socket.unref();
    }
  }

  /** Closes all of them at once, and for good: requests that are under way fail. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy(new Error('closed by its reader'));
  }
}
