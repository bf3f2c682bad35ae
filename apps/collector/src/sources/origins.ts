import type { Source } from './source-registry.port.js';

/** Whether a request with this `Origin` may use the source. Servers send none, and are no browser's page. */
export function mayUse(
  { allowedOrigins }: Pick<Source, 'allowedOrigins'>,
  origin: string | undefined,
): boolean {
  return origin === undefined || !allowedOrigins || allowedOrigins.has(origin.toLowerCase());
}
