import { isJsonObject } from '@tributary/events';
import type { FastifyReply } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { HttpMetrics } from './http.metrics.js';
import type { Route } from './routes.table.js';

/** One transparent pixel. */
export const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** A pixel is an image in a page or a mail: the answer is the same whatever became of the call, and a refusal is counted. */
export function sendPixel(
  route: Route,
  reply: FastifyReply,
  metrics: HttpMetrics,
  refusal?: string,
): FastifyReply {
  if (refusal !== undefined) metrics.dropped(route.path, refusal);
  return reply.code(200).header('cache-control', 'no-store').type('image/gif').send(GIF);
}

/** Of dotted parameters; what is deeper stays one name. */
const DEEPEST = 20;

/** The call that a pixel's query is: JSON in `data`, in base64 or as it is, or else one parameter a field, with dots. */
export function pixelBody(query: unknown): Buffer {
  const { data, writeKey: _key, ...fields } = query as Readonly<Record<string, unknown>>;
  const text = lastOf(data);
  if (text === undefined) return Buffer.from(JSON.stringify(nested(fields)));
  // A plus that nobody escaped has become a space.
  return text.trimStart().startsWith('{') ? Buffer.from(text) : decodedOr(text.replaceAll(' ', '+'));
}

/** A query whose escapes are no UTF-8: the bytes that they stand for. */
export function foreignBytes(url: string): Buffer | undefined {
  const query = url.slice(url.indexOf('?') + 1).replaceAll('+', ' ');
  const bytes = Buffer.from(
    query.replace(/%([\da-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return isUtf8(bytes) ? undefined : bytes;
}

/** What is no base64 of JSON stays as it came, to be kept so with the reason. */
function decodedOr(text: string): Buffer {
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('latin1').trimStart().startsWith('{') ? decoded : Buffer.from(text);
}

function nested(fields: Readonly<Record<string, unknown>>): object {
  const root = bare();
  for (const [name, value] of Object.entries(fields)) {
    const parts = name.split('.');
    const path = parts.slice(0, DEEPEST);
    const last = [path.pop(), ...parts.slice(DEEPEST)].join('.');
    let place = root;
    for (const part of path) {
      const inner = isJsonObject(place[part]) ? place[part] : bare();
      place[part] = inner;
      place = inner;
    }
    place[last] = lastOf(value) ?? '';
  }
  return root;
}

/** An object of which no key means anything else than itself. */
function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** A parameter that is given twice. */
function lastOf(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
}
