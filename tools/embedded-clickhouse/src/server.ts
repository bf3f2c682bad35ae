import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Engine } from './engine.js';
import { httpInterface } from './http-interface.js';

const PARALLEL_STATEMENTS = 4;
const GRACE_MS = 9_000;
const IDLE_CHECK_MS = 20;

const [path = '', port = '0'] = process.argv.slice(2);

const tell = (message: object): void => {
  process.send?.(message, undefined, undefined, () => undefined);
};

const engine = new Engine(path, PARALLEL_STATEMENTS);
/** Parameters travel in the URL; ClickHouse takes as much of one. */
const MAX_URL_BYTES = 1024 * 1024;
const server = createServer(
  { keepAliveTimeout: 30_000, requestTimeout: 0, maxHeaderSize: MAX_URL_BYTES },
  httpInterface(engine),
);

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  // Answers that are under way are given; then the engine is left in good order.
  server.close(() => {
    engine.close();
    process.exit(0);
  });
  // A client keeps its connection after the answer that is under way; without this it would be waited for.
  setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
}

process.on('SIGTERM', end);
// The parent is gone, however it went.
process.on('disconnect', end);

server.on('error', (error: NodeJS.ErrnoException) => {
  tell({ failed: error.code ?? error.message });
  setImmediate(() => process.exit(1));
});
server.listen(Number(port), '127.0.0.1', () => {
  tell({ port: (server.address() as AddressInfo).port });
});
