import { table } from './table.js';

/** A row of the collector's table of routes. */
export interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
  readonly client: string;
  readonly reads: string;
  readonly type?: string;
  readonly keys: readonly string[];
}

const MEANINGS: Readonly<Record<string, (type: string | undefined) => string>> = {
  call: (type) => `one \`${type ?? ''}\` call, the body itself`,
  batch: () =>
    'the calls in `batch`, each with its `type`; `context` and `sentAt` beside it hold for all of them',
  merge: () => 'the identifiers in `mergeProperties` are of one person: becomes an `identify` call',
  pixel: (type) =>
    `one \`${type ?? ''}\` call: JSON in \`data\`, in base64 or plain, or a parameter a field, such as \`properties.subject\`. Always 200 with an image of one pixel`,
  metrics: () => "the library's own metrics, counted and dropped",
  settings: () => 'what analytics.js reads before it starts; names this collector as where to send',
  'source-config': () => "what RudderStack's library reads before it starts",
  health: () => 'that the process lives',
  webhook: () => 'any JSON or form; the `webhook` mapping of the source makes calls of it',
  'webhook-check': () =>
    'nothing; 200 where webhooks can be sent here by POST, for programs that ask beforehand',
  import: () =>
    'a file of calls of any length, a line or an element of an array each; or the calls in `batch`, as JSON',
};

const PLACES: Readonly<Record<string, string>> = {
  basic: 'user of HTTP Basic',
  header: '`X-Write-Key`, alone or as `key:secret`',
  query: '`?writeKey=`',
  body: '`writeKey` in the body or in `data`',
  path: 'the path',
};

/** The page of the collector's routes. */
export function routesPage(routes: readonly DocumentedRoute[]): string {
  const rows = routes.map(({ method, path, client, reads, type, keys }) => [
    `${method} \`${path}\``,
    client,
    MEANINGS[reads]?.(type) ?? reads,
    keys.join(', ') || 'none',
  ]);
  return [
    '# Routes of the collector',
    'Bodies are JSON, as `application/json`, `text/plain` or without a type, plain or packed with gzip, deflate, br or ' +
      'zstd. Browsers may call all of them from any origin that the source allows. This page is generated from the table ' +
      'that the routes are served from (`npm run docs`).',
    table(['route', 'sent by', 'what it takes', 'write key'], rows),
    '## Where the write key is',
    'In the first of the places of the route that has one:',
    Object.entries(PLACES)
      .map(([name, place]) => `- ${name}: ${place}`)
      .join('\n'),
    '`X-IP-Policy` (`keep`, `stripLastOctet`, `remove`) says what is kept of the address of a browser or device; a base64 ' +
      '`AnonymousId` header stands in for the ids of calls that have none.',
    '',
  ].join('\n\n');
}
