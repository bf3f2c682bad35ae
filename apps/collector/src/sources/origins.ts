import type { Source } from './source-registry.port.js';

/** Whether a request with this `Origin` may use the source. Servers send none, and are no browser's page. */
export function mayUse({ allowedOrigins }: Source, origin: string | undefined): boolean {
  return origin === undefined || !allowedOrigins || allowedOrigins.has(origin);
}

/**
 * What a browser is told that sent this `Origin`: the value of `Access-Control-Allow-Origin`, undefined for none. The
 * source is not known in a preflight, which bears no key, nor where the key is in the body: then any page may ask, and
 * the request itself is refused.
 */
export function allowedOriginOf(source: Source | undefined, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (!source?.allowedOrigins) return '*';
  return mayUse(source, origin) ? origin : undefined;
}
