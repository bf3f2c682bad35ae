import type { IncomingHttpHeaders } from 'node:http';
import type { KeyCarrier } from './routes.table.js';

/** Where a request may have its write key before its body is read. */
export interface KeyPlaces {
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  readonly params: unknown;
}

const PLACES: Readonly<Record<KeyCarrier, (request: KeyPlaces) => string | undefined>> = {
  basic: ({ headers }) => userOf(headers.authorization),
  header: ({ headers }) => keyOf(headers['x-write-key']),
  query: ({ query }) => textIn(query, 'writeKey'),
  path: ({ params }) => textIn(params, 'writeKey'),
  body: () => undefined,
};

/** The first write key in the places of a route; the body's is known later. */
export function writeKeyOf(request: KeyPlaces, carriers: readonly KeyCarrier[]): string | undefined {
  for (const carrier of carriers) {
    const key = PLACES[carrier](request);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The user of HTTP Basic; undefined for no header, another scheme or an empty user. */
export function userOf(authorization: string | undefined): string | undefined {
  if (!authorization || !/^basic /i.test(authorization)) return undefined;
  return keyOf(Buffer.from(authorization.slice(6).trim(), 'base64').toString('utf8'));
}

/** Of `key:secret` the key: it says what the source is, and the secret no more. */
function keyOf(credentials: string | readonly string[] | undefined): string | undefined {
  const key = typeof credentials === 'string' ? credentials.split(':', 1)[0] : undefined;
  return key === '' ? undefined : key;
}

function textIn(values: unknown, name: string): string | undefined {
  const value = (values as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
