import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';

import { StatementError, type Engine, type Outcome, type Statement } from './engine.js';
import { readBody, TOO_MANY_BYTES } from './request-body.js';
import { isStreamable, outputFormat, readStatement } from './statement-request.js';

const compress = promisify(gzip);

// As the server's exceptionCodeToHTTPStatus has it, for the codes that a client meets.
const notFound = new Set([46, 47, 50, 56, 60, 63, 73, 78, 81, 115]);
const badRequest = new Set([6, 26, 27, 36, 38, 41, 43, 44, 53, 62, 69, 70, 72, 117, 130, 131, 386]);

function statusOf(code: number): number {
  if (notFound.has(code)) return 404;
  if (badRequest.has(code)) return 400;
  if (code === TOO_MANY_BYTES) return 413;
  return code === 48 ? 501 : 500;
}

function contentType(format: string): string {
  if (format.startsWith('JSON') && !format.includes('EachRow')) return 'application/json; charset=UTF-8';
  if (format.includes('EachRow')) return 'application/x-ndjson; charset=UTF-8';
  if (/^(TabSeparated|TSV)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8';
  if (/^(Native|RowBinary|Parquet|Arrow|ORC)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}

function summary(outcome: Outcome): string {
  const figures = {
    read_rows: outcome.readRows,
    read_bytes: outcome.readBytes,
    written_rows: outcome.writtenRows,
    written_bytes: outcome.writtenBytes,
    total_rows_to_read: 0,
    result_rows: 0,
    result_bytes: outcome.bytes.length,
    elapsed_ns: Math.round(outcome.elapsedSeconds * 1e9),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(figures).map(([name, n]) => [name, n.toString()])));
}

function wantsGzip(request: IncomingMessage, url: URL): boolean {
  const accepts = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  return accepts && url.searchParams.get('enable_http_compression') === '1';
}

function announce(response: ServerResponse, format: string, gzipped: boolean, outcome: Outcome): void {
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader('Content-Type', contentType(format));
  response.setHeader('X-ClickHouse-Summary', summary(outcome));
  if (gzipped) response.setHeader('Content-Encoding', 'gzip');
}

interface Exchange {
  readonly response: ServerResponse;
  readonly statement: Statement;
  readonly format: string;
  readonly gzipped: boolean;
}

async function giveWhole(engine: Engine, { response, statement, format, gzipped }: Exchange): Promise<void> {
  const outcome = await engine.execute(statement);
  const body = gzipped ? await compress(outcome.bytes) : outcome.bytes;
  announce(response, format, gzipped, outcome);
  response.end(body);
}

// Nothing is known of the figures when the headers go out, as with a server that does not wait for the end.
const NO_FIGURES: Outcome = {
  bytes: new Uint8Array(),
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
  elapsedSeconds: 0,
};

async function giveBlocks(engine: Engine, { response, statement, format, gzipped }: Exchange): Promise<void> {
  const blocks = engine.stream(statement);
  // What fails before the first block is answered with an error; what fails later breaks the connection off.
  const first = await blocks.next();
  announce(response, format, gzipped, NO_FIGURES);
  const body = Readable.from(whole(first, blocks), { objectMode: false });
  await (gzipped ? pipeline(body, createGzip(), response) : pipeline(body, response));
}

async function* whole(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

function refuse(response: ServerResponse, error: unknown, version: string): void {
  const known = error instanceof StatementError;
  const code = known ? error.code : 1002;
  const reason = error instanceof Error ? error.message : String(error);
  const text = known ? reason : `Code: ${code}. DB::Exception: ${reason} (UNKNOWN_EXCEPTION)`;
  response.statusCode = statusOf(code);
  response.setHeader('X-ClickHouse-Exception-Code', code);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(`${text} (version ${version} (embedded))\n`);
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const body = await readBody(request);
  const isPing = url.pathname === '/ping' || (body.length === 0 && !url.searchParams.has('query'));
  if (isPing) {
    response.end('Ok.\n');
    return;
  }
  response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? randomUUID());
  response.setHeader('X-ClickHouse-Server-Display-Name', 'embedded');
  response.setHeader('X-ClickHouse-Timezone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  const statement = readStatement({ method: request.method ?? 'GET', url, headers: request.headers, body });
  const format = outputFormat(statement.text, statement.format);
  const exchange = { response, statement, format, gzipped: wantsGzip(request, url) };
  const inBlocks =
    statement.data === undefined &&
    url.searchParams.get('wait_end_of_query') !== '1' &&
    isStreamable(statement.text, statement.format);
  await (inBlocks ? giveBlocks : giveWhole)(engine, exchange);
}

/**
 * ClickHouse's HTTP interface over the engine: enough for `@clickhouse/client` and curl. Unlike a server it knows no
 * users (any credentials will do), no `session_id`, and runs several statements of one request. A SELECT in a format by
 * rows is given block by block and ends when the client goes; any other statement is taken to its end, and its result
 * sent when it is whole.
 */
export function httpInterface(engine: Engine): RequestListener {
  return (request, response) => {
    answer(engine, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, error, engine.version);
    });
  };
}
