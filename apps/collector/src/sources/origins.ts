import type { Source } from './source-registry.port.js';

/** Servers send no origin; a browser's is held against those of the source, if it has any. */
export function isOriginAllowed({ allowedOrigins }: Source, origin: string | undefined): boolean {
  if (allowedOrigins === undefined || origin === undefined) return true;
  const asked = origin.toLowerCase();
  return allowedOrigins.some((allowed) => allowed === '*' || allowed.toLowerCase() === asked);
}
