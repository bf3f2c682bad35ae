import { once } from 'node:events';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a way does to those who use it:
 * - `pass`: nothing;
 * - `delay`: everything arrives later by so many milliseconds, in order;
 * - `reset`: connections are cut, and new ones too;
 * - `swallow`: nothing arrives, in either direction, without an error; when it ends, what was held back arrives.
 */
export type Condition = 'pass' | 'reset' | 'swallow' | { readonly delayMs: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy on 127.0.0.1 that can be made a bad way. */
export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #condition: Condition = 'pass';
  #target = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (client) => {
      this.#connect(client);
    });
  }

  /** Listens on a free port; leads nowhere until `lead` says where to. */
  static async listen(): Promise<Proxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Proxy(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections from now on go to this port of 127.0.0.1. */
  lead(port: number): void {
    this.#target = port;
  }

  /** Changes the condition for all connections, those that are open too. */
  become(condition: Condition): void {
    this.#condition = condition;
    for (const pair of this.#pairs) {
      if (condition === 'reset') cut(pair);
      else for (const socket of [pair.client, pair.server]) this.#flow(socket);
    }
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) cut(pair);
    await once(this.#server, 'close');
  }

  #connect(client: Socket): void {
    const server = new Socket();
    const pair: Pair = { client, server };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      let last: Promise<unknown> = Promise.resolve();
      // One after the other, so that what is sent when a delay ends does not overtake what the delay holds.
      const inOrder = (work: () => void) => {
        const at = performance.now() + this.#delayMs;
        last = last
          .then(() => (at > performance.now() ? delay(at - performance.now()) : undefined))
          .then(work);
      };
      from.on('data', (data) => {
        inOrder(() => to.write(data));
      });
      from.on('end', () => {
        inOrder(() => to.end());
      });
      from.on('error', () => {
        cut(pair);
      });
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    if (this.#condition === 'reset' || this.#target === 0) {
      cut(pair);
      return;
    }
    server.connect(this.#target, '127.0.0.1');
    for (const socket of [client, server]) this.#flow(socket);
  }

  #flow(socket: Socket): void {
    if (this.#condition === 'swallow') socket.pause();
    else socket.resume();
  }

  get #delayMs(): number {
    return typeof this.#condition === 'object' ? this.#condition.delayMs : 0;
  }
}

function cut({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.destroy();
}
