import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The way to a server over TCP, which can be cut and opened again. */
export class BreakableWay {
  readonly #sockets = new Set<Socket>();
  readonly #to: URL;
  #server: Server | undefined;
  #port = 0;

  /** `to` names the server: host and port. */
  constructor(to: string) {
    this.#to = new URL(to);
  }

  /** The URL of the same server by this way; the same one each time. */
  async open(): Promise<string> {
    const server = createServer((socket) => {
      const other = connect(Number(this.#to.port), this.#to.hostname);
      this.#join(socket, other);
      this.#join(other, socket);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    const url = new URL(this.#to);
    url.port = String(this.#port);
    return url.href;
  }

  /** Ends all connections and takes no more. */
  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #join(one: Socket, into: Socket): void {
    this.#sockets.add(one);
    one.on('error', () => undefined);
    one.on('close', () => {
      this.#sockets.delete(one);
      into.destroy();
    });
    one.pipe(into);
  }
}
