/** What a Content-Type says of a body: JSON; nothing that helps (no type, or one that programs send unless they are asked not to); or another format. */
export type MediaKind = 'json' | 'unsaid' | 'other';

const JSON_TYPES = /^(application|text)\/([\w.-]+\+)?(x-)?json$|^text\/plain$/;
/** curl sends JSON as a form and Postman as a stream of bytes, unless they are asked for more. */
const UNSAID = /^(application\/(x-www-form-urlencoded|octet-stream))?$/;

export function mediaKindOf(contentType: string | undefined): MediaKind {
  const type = mediaTypeOf(contentType);
  if (JSON_TYPES.test(type)) return 'json';
  return UNSAID.test(type) ? 'unsaid' : 'other';
}

/** The type without its parameters, in lower case; empty where there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The `charset` that a Content-Type declares, in lower case. */
export function charsetIn(contentType: string | undefined): string | undefined {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '') ?? [];
  return charset?.toLowerCase();
}

const BRACE = 0x7b;
const BRACKET = 0x5b;
const SPACE = 0x20;

/** Whether the first byte that is no white space begins an object or an array. */
export function looksLikeJson(body: Buffer): boolean {
  const first = body.find((byte) => byte > SPACE);
  return first === BRACE || first === BRACKET;
}
