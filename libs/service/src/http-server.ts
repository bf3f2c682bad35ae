import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What one client may take of a server. Nobody holds a connection or its memory for longer than it is of use. */
export const HTTP_LIMITS = {
  /** The request line and all headers; beyond: 431. */
  headerBytes: 16 * 1024,
  /** From the connection, or the first byte of a later request, to the end of its headers; beyond: 408. */
  headersMs: 10_000,
  /** From the end of the headers to that of the body, but for routes that take files; beyond: 408. */
  bodyMs: 30_000,
  /** Between two requests of a connection. */
  keepAliveMs: 72_000,
  /** Without a byte in either direction, as of a client that does not read its answer. */
  silenceMs: 120_000,
  /** How late a deadline may be noticed. */
  checkMs: 1_000,
  connections: 10_000,
  /** Of a part of the path that stands for a value. */
  pathPartLength: 600,
} as const;

/** What is answered where a request reaches no route, or a route of every service fails: code → status and text. */
export const HTTP_ERRORS = {
  malformed_url: [400, 'the path or query is not well-formed'],
  missing_host: [400, 'the request has no Host header'],
  malformed_request: [400, 'the request is not HTTP/1.1'],
  route_not_found: [404, 'there is no such route'],
  request_timeout: [
    408,
    `headers are due within ${HTTP_LIMITS.headersMs} ms, the body within ${HTTP_LIMITS.bodyMs} ms of them; of a file, the next byte`,
  ],
  path_too_long: [414, `a part of the path is longer than ${HTTP_LIMITS.pathPartLength} characters`],
  expectation_failed: [417, 'the header Expect has another value than 100-continue'],
  headers_too_large: [431, `the headers are larger than ${HTTP_LIMITS.headerBytes} bytes`],
  internal_error: [500, 'the request failed; the log of the service says why'],
  shutting_down: [503, 'the service is shutting down'],
} as const satisfies Record<string, readonly [number, string]>;
export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** What a client does about one of them. */
export const HTTP_ERROR_ADVICE: Readonly<Record<HttpErrorCode, string>> = {
  malformed_url: 'Escape what is no part of a URL',
  missing_host: 'Send the header Host, as HTTP/1.1 asks for',
  malformed_request: 'Look for a proxy or a client between that breaks requests',
  route_not_found: 'Use a route that the message or `GET /` names',
  request_timeout: 'Send what is there, on a line that carries it; send the same again',
  path_too_long: 'Send such values in the body',
  expectation_failed: 'Leave the header Expect out',
  headers_too_large: 'Send less in headers and query: a pixel holds one small call',
  internal_error: 'Report it: this is a defect',
  shutting_down: 'Send the same again: another process, or the next one, takes it',
};

/** Fastify's options of every service: {@link HTTP_LIMITS}, and errors in the form of all others. */
export function httpServerOptions(): FastifyHttpOptions<Server> {
  return {
    // guardServer answers then.
    return503OnClosing: false,
    // Node.js knows one for all routes: guardServer looks at the body.
    requestTimeout: 0,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    connectionTimeout: HTTP_LIMITS.silenceMs,
    http: {
      headersTimeout: HTTP_LIMITS.headersMs,
      connectionsCheckingInterval: HTTP_LIMITS.checkMs,
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      // Node.js refuses such requests without a word; see guardServer.
      requireHostHeader: false,
    },
    // Clients join an address and a path in all of these ways.
    routerOptions: {
      maxParamLength: HTTP_LIMITS.pathPartLength,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      caseSensitive: false,
    },
    clientErrorHandler(error, socket) {
      refuse(socket, error);
    },
    frameworkErrors(error, _request, reply) {
      const code = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'path_too_long' : 'malformed_url';
      answer(reply.raw, code);
    },
  };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a body may take longer than others: the route says itself when it is late. */
    readonly bodyMayLast?: boolean;
  }
}

type ClientError = Error & { readonly code: string; readonly rawPacket?: unknown };

/**
 * Closes connections beyond {@link HTTP_LIMITS} at once, before they cost a parser. Refuses in the form of all errors
 * what Node.js would refuse with an empty body, and what comes while the service closes.
 */
export function guardServer(
  fastify: Pick<FastifyInstance, 'server' | 'addHook'>,
  isClosing: () => boolean,
  { bodyMs }: { readonly bodyMs: number } = HTTP_LIMITS,
): void {
  fastify.server.maxConnections = HTTP_LIMITS.connections;
  fastify.server.on('checkExpectation', (_request, response) => {
    // The body may come or not: only the end of the connection says which bytes are the next request.
    answer(response.setHeader('connection', 'close'), 'expectation_failed');
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const { headers, httpVersion } = request.raw;
    const hasHost = headers.host !== undefined || httpVersion !== '1.1';
    if (hasHost && !isClosing()) {
      if (!request.routeOptions.config.bodyMayLast) awaitBody(request.raw, bodyMs);
      done();
      return;
    }
    reply.hijack();
    answer(reply.raw.setHeader('connection', 'close'), hasHost ? 'shutting_down' : 'missing_host');
  });
}

function awaitBody(request: IncomingMessage, withinMs: number): void {
  if (request.complete) return;
  const late = setTimeout(() => {
    if (!request.complete) refuse(request.socket, LATE);
  }, withinMs);
  for (const end of ['end', 'close']) {
    request.once(end, () => {
      clearTimeout(late);
    });
  }
}

function answer(response: ServerResponse, code: HttpErrorCode): void {
  response.writeHead(HTTP_ERRORS[code][0], { 'content-type': 'application/json' });
  response.end(JSON.stringify(errorBody(code)));
}

const LATE: ClientError = Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** A body that answers HEAD would be taken for the next answer; the packet is the one that could not be parsed. */
function isHead({ rawPacket }: ClientError): boolean {
  return Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD ';
}

function refuse(socket: Socket, error: ClientError): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOf(error.code);
  const body = isHead(error) ? '' : JSON.stringify(errorBody(code));
  socket.end(
    `HTTP/1.1 ${HTTP_ERRORS[code][0]} ${code}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // A client that neither reads nor closes would keep the half that is open.
  socket.destroySoon();
}

function codeOf(reason: string): HttpErrorCode {
  if (reason === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return reason === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request';
}

/** The body of an error. Libraries of Segment and RudderStack look for the code and the message at the top. */
export function errorBody(code: HttpErrorCode, message: string = HTTP_ERRORS[code][1]): object {
  return { error: { code, message }, code, message };
}
