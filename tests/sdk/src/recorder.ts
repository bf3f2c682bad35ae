import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A request as a library sent it, and the status of its answer. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly status: number;
}

const NO_ROOM = { 'retry-after': '1' };

/** Stands before a collector, hands on every request as it came, and keeps it. */
export class Recorder {
  readonly sent: Sent[] = [];
  readonly #server: Server;
  #refuses = false;
  #losesAnswer = false;

  private constructor(private readonly collectorUrl: string) {
    this.#server = createServer((incoming, outgoing) => {
      this.#handOn(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  static async before(collectorUrl: string): Promise<Recorder> {
    const recorder = new Recorder(collectorUrl);
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Answers the next request itself, as a collector that has no room. */
  refuseNext(): void {
    this.#refuses = true;
  }

  /** Hands the next request on, and answers it as if nobody knew what became of it. */
  loseNextAnswer(): void {
    this.#losesAnswer = true;
  }

  async #handOn(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = await buffer(incoming);
    if (this.#refuses) {
      this.#refuses = false;
      this.sent.push({ method, path, headers, body: '', status: 503 });
      outgoing.writeHead(503, NO_ROOM).end('{}');
      return;
    }
    const answerIsLost = this.#losesAnswer;
    this.#losesAnswer = false;
    const onward = request(`${this.collectorUrl}${path}`, { method, headers });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const status = answerIsLost ? 503 : (answer.statusCode ?? 0);
    this.sent.push({ method, path, headers, body: plain.toString('utf8'), status });
    if (answerIsLost) {
      answer.resume();
      outgoing.writeHead(503, NO_ROOM).end('{}');
      return;
    }
    outgoing.writeHead(status, answer.headers);
    answer.pipe(outgoing);
  }
}
