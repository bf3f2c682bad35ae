import { CALL_TYPES, type CallType } from '@tributary/events';
import { nearestName } from '@tributary/kernel';

/** Where a write key may be: the user of HTTP Basic, `X-Write-Key`, `?writeKey=`, `writeKey` in the body, the path. */
export type KeyCarrier = 'basic' | 'header' | 'query' | 'body' | 'path';

/** The libraries that call a route. */
export type Client = 'Segment' | 'analytics.js' | 'RudderStack' | 'Jitsu' | 'files' | 'any program' | 'api';

/**
 * What a route does with a request:
 * - `call`: its body is one call, of the route's type;
 * - `batch`: its body has calls in `batch`;
 * - `merge`: RudderStack's merge, identifiers that are one person;
 * - `pixel`: its query is one call, of the route's type; the answer is an image, whatever became of the call;
 * - `metrics`: the client's own metrics, counted and dropped;
 * - `settings`, `source-config`: what a browser library reads before it starts;
 * - `webhook`: its body is any JSON, of which its source makes calls;
 * - `webhook-check`: whether webhooks could be sent here;
 * - `import`: its body is a file of calls, a line each, or calls in `batch`;
 * - `replay`: its body names what was rejected before and is to be taken again; for the api alone.
 */
export type Reads =
  | 'call'
  | 'batch'
  | 'merge'
  | 'pixel'
  | 'metrics'
  | 'settings'
  | 'source-config'
  | 'webhook'
  | 'webhook-check'
  | 'import'
  | 'replay';

/** Who reads the body: Fastify, as bytes or as JSON; or the handler, as it streams in. */
export type BodyReader = 'bytes' | 'json' | 'stream';

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly client: Client;
  readonly reads: Reads;
  readonly body: BodyReader;
  readonly type?: CallType;
  /** In the order in which they are looked for. */
  readonly keys: readonly KeyCarrier[];
  /** The requests come from a server, so their address is no person's. */
  readonly fromServers?: boolean;
}

const POSTED: readonly KeyCarrier[] = ['basic', 'header', 'query', 'body'];

/** One route a call type; `name` is its last part, the type itself unless given. */
const calls = (
  client: Client,
  prefix: string,
  name: (type: CallType) => string = (type) => type,
  more: Partial<Route> = {},
): readonly Route[] =>
  CALL_TYPES.map((type) => ({
    method: 'POST',
    path: `${prefix}/${name(type)}`,
    client,
    reads: 'call',
    body: 'bytes',
    type,
    keys: POSTED,
    ...more,
  }));

const letter = (type: CallType): string => type.charAt(0);

const post = (client: Client, path: string, reads: Reads, more: Partial<Route> = {}): Route => ({
  method: 'POST',
  path,
  client,
  reads,
  body: 'bytes',
  keys: POSTED,
  ...more,
});

const get = (
  client: Client,
  path: string,
  reads: Reads,
  keys: readonly KeyCarrier[],
  type?: CallType,
): Route => ({ method: 'GET', path, client, reads, body: 'bytes', keys, ...(type ? { type } : {}) });

/** analytics.js puts the letters behind the host that its settings name: `host/v1` in those of Segment and ours. */
const letters = (prefix: string): readonly Route[] => [
  ...calls('analytics.js', prefix, letter),
  post('analytics.js', `${prefix}/b`, 'batch'),
  post('analytics.js', `${prefix}/m`, 'metrics', { keys: [] }),
];

export const IMPORT_PATH = '/v1/import';
export const WEBHOOK_PATH = '/v1/webhook/:source';
const WEBHOOK_KEYS: readonly KeyCarrier[] = ['basic', 'header', 'query'];

/** Every route of the tracking API. What is served, what a 404 names and what is documented come from here. */
export const ROUTES: readonly Route[] = [
  ...calls('Segment', '/v1'),
  post('Segment', '/v1/batch', 'batch'),
  ...letters(''),
  ...letters('/v1'),
  get('analytics.js', '/v1/projects/:writeKey/settings', 'settings', ['path']),
  ...CALL_TYPES.map((type) => get('Segment', `/v1/pixel/${type}`, 'pixel', ['basic', 'query', 'body'], type)),
  post('RudderStack', '/v1/merge', 'merge'),
  post('RudderStack', '/beacon/v1/batch', 'batch'),
  get('RudderStack', '/pixel/v1/track', 'pixel', ['basic', 'query', 'body'], 'track'),
  get('RudderStack', '/pixel/v1/page', 'pixel', ['basic', 'query', 'body'], 'page'),
  get('RudderStack', '/sourceConfig', 'source-config', ['basic', 'query']),
  ...calls('Jitsu', '/api/s'),
  post('Jitsu', '/api/s/batch', 'batch'),
  ...calls('Jitsu', '/api/s/s2s', undefined, { fromServers: true }),
  post('Jitsu', '/api/s/s2s/batch', 'batch', { fromServers: true }),
  post('files', IMPORT_PATH, 'import', { body: 'stream' }),
  get('any program', WEBHOOK_PATH, 'webhook-check', WEBHOOK_KEYS),
  post('any program', WEBHOOK_PATH, 'webhook', { keys: WEBHOOK_KEYS }),
];

/** Between the api and the collector: served, and neither named nor documented. */
export const REPLAY_ROUTE = post('api', '/internal/v1/replay', 'replay', { body: 'json', keys: [] });

/** A path as the router compares it: the part before the query, without the slashes that are too many. */
export function pathOf(url: string): string {
  const path = (url.split('?', 1)[0] ?? '').replace(/\/{2,}/g, '/').toLowerCase();
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}

/** What would be right where a path has no such method, or there is no such path. */
export function knownRoutes(path: string): string {
  const right = ROUTES.findLast((route) => filledIn(route.path, path) === path);
  if (right) return `expected ${right.method} on ${shown(right.path)}`;
  const meant = nearestTo(path);
  if (meant) return `expected ${meant.method} on ${shown(meant.path)}; ${ALL}`;
  const plain = ROUTES.filter(({ client }) => client === 'Segment').map(
    (route) => `${route.method} ${route.path}`,
  );
  return `expected one of ${plain.join(', ')}; ${ALL}`;
}

const ALL = 'docs/routes.md has every route';

/** A route's path with the parts of this one in the places of its parameters. */
function filledIn(routePath: string, path: string): string {
  const given = path.split('/');
  return routePath
    .split('/')
    .map((part, at) => (part.startsWith(':') && given[at] ? given[at] : part.toLowerCase()))
    .join('/');
}

function shown(routePath: string): string {
  return routePath.replace(/:(\w+)/g, '{$1}');
}

/** Also one that the path is the end of. Routes of one letter are near to everything short, and no person writes them. */
function nearestTo(path: string): Route | undefined {
  const routes = ROUTES.filter((route) => !/\/\w$/.test(route.path));
  const paths = routes.map((route) => filledIn(route.path, path));
  const nearest = paths.find((one) => one.endsWith(path)) ?? nearestName(path, paths);
  return nearest === undefined ? undefined : routes[paths.lastIndexOf(nearest)];
}
