import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api.errors.js';

const JSON_TYPES = /^(application|text)\/([\w.-]+\+)?json$|^text\/plain$/;
/** What programs say of a body unless they are asked for more: curl a form, others nothing or a stream of bytes. */
const UNSAID = /^(application\/(x-www-form-urlencoded|octet-stream))?$/;
export const MEDIA_TYPE_REMEDY = 'Send Content-Type: application/json.';

/** The API reads JSON alone; what is not said to be JSON is read where it looks like it. */
export function readJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<string>('*', { parseAs: 'string' }, (request, body, done) => {
    const refusal = refusalOf(request, body);
    if (refusal) done(refusal);
    else
      void parse(request, body, (error, value) => {
        done(error ? unreadable(body) : null, value);
      });
  });
}

function refusalOf({ headers }: FastifyRequest, body: string): ApiError | undefined {
  const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() !== 'identity') {
    return unsupported(`The body is sent with Content-Encoding ${encoding}: send it as it is.`);
  }
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (JSON_TYPES.test(type) || (UNSAID.test(type) && /^\s*[[{]/.test(body))) return undefined;
  return unsupported(
    `Expected JSON, found a body of the type ${type === '' ? 'unknown' : type}. ${MEDIA_TYPE_REMEDY}`,
  );
}

function unreadable(body: string): ApiError {
  return new ApiError({ code: 'invalid_request', message: `The body is not valid JSON: ${reasonOf(body)}.` });
}

/** Where the text ends to be JSON; what can be read all the same would change the prototypes of objects. */
function reasonOf(body: string): string {
  try {
    JSON.parse(body);
    return 'it has a member __proto__ or constructor.prototype';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function unsupported(message: string): ApiError {
  return new ApiError({ code: 'unsupported_media_type', message });
}
