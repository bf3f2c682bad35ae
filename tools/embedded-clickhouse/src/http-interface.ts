import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, gzip, inflate } from 'node:zlib';

import { StatementError, type Engine, type Outcome } from './engine.js';
import { outputFormat, readStatement } from './statement-request.js';

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);
const compress = promisify(gzip);

// As the server's exceptionCodeToHTTPStatus has it, for the codes that a client meets.
const notFound = new Set([46, 47, 50, 56, 60, 63, 73, 78, 81, 115]);
const badRequest = new Set([6, 26, 27, 36, 38, 41, 43, 44, 53, 62, 69, 70, 72, 117, 130, 131, 386]);

function statusOf(code: number): number {
  if (notFound.has(code)) return 404;
  if (badRequest.has(code)) return 400;
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

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const decode = decoders.get(request.headers['content-encoding'] ?? '');
  return decode === undefined || body.length === 0 ? body : decode(body);
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: Uint8Array,
): Promise<void> {
  const accepts = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (!accepts || url.searchParams.get('enable_http_compression') !== '1') {
    response.end(body);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(await compress(body));
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
  try {
    const statement = readStatement({ method: request.method ?? 'GET', url, headers: request.headers, body });
    const outcome = await engine.execute(statement);
    const format = outputFormat(statement.text, statement.format);
    response.setHeader('X-ClickHouse-Format', format);
    response.setHeader('Content-Type', contentType(format));
    response.setHeader('X-ClickHouse-Summary', summary(outcome));
    await send(request, response, url, outcome.bytes);
  } catch (error) {
    refuse(response, error, engine.version);
  }
}

/**
 * ClickHouse's HTTP interface over the engine: enough for `@clickhouse/client` and curl. Unlike a server it knows no
 * users (any credentials will do), no `session_id`, runs several statements of one request, takes a query to its end
 * when the client has gone, and sends a result when it is whole.
 */
export function httpInterface(engine: Engine): RequestListener {
  return (request, response) => {
    answer(engine, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, error, engine.version);
    });
  };
}
