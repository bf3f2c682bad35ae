import { Busboy } from '@fastify/busboy';
import { parseExactly } from '@tributary/events';
import { once } from 'node:events';
import { parse } from 'qs';
import { charsetIn, looksLikeJson, mediaTypeOf } from '../body/media-type.js';
import { foreignBytes } from '../http/pixel.js';

const URLENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const LIMITS = { fields: 1_000, depth: 20, fieldBytes: 500 * 1024 } as const;
const LATIN: ReadonlySet<string> = new Set(['iso-8859-1', 'latin1', 'windows-1252']);

/** Whether a body may be a form by its Content-Type. */
export function isFormType(contentType: string | undefined): boolean {
  return [URLENCODED, MULTIPART].includes(mediaTypeOf(contentType));
}

/**
 * The object that a form says: names with brackets are nested, repeated ones are lists, texts that are JSON objects or
 * arrays are read as these. Undefined for a body that is no form, such as JSON sent as one.
 */
export async function readForm(body: Buffer, contentType: string | undefined): Promise<object | undefined> {
  const type = mediaTypeOf(contentType);
  if (type === URLENCODED && !looksLikeJson(body)) return urlencoded(body, contentType);
  return type === MULTIPART ? multipart(body, contentType) : undefined;
}

function urlencoded(body: Buffer, contentType: string | undefined): object | undefined {
  const isLatin = LATIN.has(charsetIn(contentType) ?? '');
  const text = body.toString('latin1');
  if (!text.includes('=') || (!isLatin && foreignBytes(text))) return undefined;
  return nested(body.toString('utf8'), isLatin ? 'iso-8859-1' : 'utf-8');
}

function nested(text: string, charset: 'utf-8' | 'iso-8859-1'): object | undefined {
  try {
    const { fields, depth } = LIMITS;
    const options = {
      charset,
      depth,
      parameterLimit: fields,
      arrayLimit: fields,
      throwOnLimitExceeded: true,
    };
    const form = parse(text, options);
    return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, unfolded(value)]));
  } catch {
    return undefined;
  }
}

function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !looksLikeJson(Buffer.from(value))) return value;
  try {
    return parseExactly(value);
  } catch {
    return value;
  }
}

/** Fields alone: files are left out. They become a query, so that names mean the same in either form. */
async function multipart(body: Buffer, contentType: string | undefined): Promise<object | undefined> {
  const pairs: string[] = [];
  try {
    const busboy = new Busboy({
      headers: { 'content-type': contentType ?? '' },
      limits: { fields: LIMITS.fields, fieldSize: LIMITS.fieldBytes, files: 0 },
    });
    busboy.on('field', (name, value) => {
      pairs.push(
        `${encodeURIComponent(name).replaceAll('%5B', '[').replaceAll('%5D', ']')}=${encodeURIComponent(value)}`,
      );
    });
    const finished = once(busboy, 'finish');
    busboy.end(body);
    await finished;
  } catch {
    return undefined;
  }
  return pairs.length > 0 ? nested(pairs.join('&'), 'utf-8') : undefined;
}
