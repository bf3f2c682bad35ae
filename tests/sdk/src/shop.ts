import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { packageFolder } from './packages.js';

/** The libraries as their packages ship them: path of the page → folder of the package. */
const LIBRARIES: Readonly<Record<string, string>> = {
  segment: '@segment/analytics-next/dist/umd',
  rudder: '@rudderstack/analytics-js/dist/npm/modern/bundled/umd',
  jitsu: '@jitsu/js/dist',
};
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

/** A web shop: one page at every path that is no library's. */
export class Shop {
  private constructor(
    readonly url: string,
    readonly close: () => void,
  ) {}

  static async open(): Promise<Shop> {
    const server = createServer(({ url = '/' }, response) => {
      serve(new URL(url, 'http://shop').pathname, response).catch(() => response.writeHead(404).end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Shop(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => {
      server.closeAllConnections();
      server.close();
    });
  }
}

async function serve(path: string, response: ServerResponse): Promise<void> {
  const [, library = '', ...rest] = path.split('/');
  const folder = LIBRARIES[library];
  const body =
    folder === undefined
      ? '<!doctype html><meta charset="utf-8"><title>Shop</title>'
      : await readFile(join(packageFolder(folder), normalize(`/${rest.join('/')}`)));
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/html' }).end(body);
}
