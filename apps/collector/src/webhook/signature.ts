import type { WebhookMapping } from '@tributary/contracts';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How the sender of a webhook signs it. */
export type SignatureRules = NonNullable<WebhookMapping['signature']>;
export type SignatureProblem = 'missing_signature' | 'invalid_signature' | 'signature_expired';

/** What a request says of its signature: what is signed, with which key, the signatures that may fit, and since when. */
interface Signed {
  readonly content: readonly (string | Buffer)[];
  readonly key: string | Buffer;
  readonly signatures: readonly string[];
  readonly encoding: 'hex' | 'base64';
  /** In seconds since 1970. */
  readonly at?: number;
}

const DEFAULT_TOLERANCE_S = 300;
const DIGEST_BYTES = 32;
const MOST_SIGNATURES = 10;

type Scheme = (headers: IncomingHttpHeaders, body: Buffer, rules: SignatureRules) => Signed | undefined;

const SCHEMES: Readonly<Record<SignatureRules['scheme'], Scheme>> = {
  'hmac-sha256': (headers, body, { secret, header = '', prefix = '', encoding = 'hex' }) =>
    ofBody(headers[header.toLowerCase()], body, { secret, prefix, encoding }),
  github: (headers, body, { secret }) =>
    ofBody(headers['x-hub-signature-256'], body, { secret, prefix: 'sha256=', encoding: 'hex' }),
  shopify: (headers, body, { secret }) =>
    ofBody(headers['x-shopify-hmac-sha256'], body, { secret, prefix: '', encoding: 'base64' }),
  stripe: (headers, body, { secret }) => {
    const parts = textOf(headers['stripe-signature'])?.split(',') ?? [];
    const valuesOf = (name: string) =>
      parts.flatMap((part) =>
        part.trim().startsWith(`${name}=`) ? [part.trim().slice(name.length + 1)] : [],
      );
    const [at] = valuesOf('t');
    const signatures = valuesOf('v1');
    if (at === undefined || signatures.length === 0) return undefined;
    return { content: [`${at}.`, body], key: secret, signatures, encoding: 'hex', at: Number(at) };
  },
  'standard-webhooks': (headers, body, { secret }) => {
    const of = (name: string) => textOf(headers[`webhook-${name}`] ?? headers[`svix-${name}`]);
    const [id, at, given] = [of('id'), of('timestamp'), of('signature')];
    if (id === undefined || at === undefined || given === undefined) return undefined;
    return {
      content: [`${id}.${at}.`, body],
      key: Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
      signatures: given.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : [])),
      encoding: 'base64',
      at: Number(at),
    };
  },
};

/**
 * What is wrong with the signature of a request; undefined where nothing is. `body` are the bytes that were signed:
 * before they are read as text.
 */
export function signatureProblem(
  rules: SignatureRules,
  headers: IncomingHttpHeaders,
  body: Buffer,
  now: number,
): SignatureProblem | undefined {
  const signed = SCHEMES[rules.scheme](headers, body, rules);
  if (!signed) return 'missing_signature';
  // Anybody can sign with an empty key.
  if (signed.key.length === 0) return 'invalid_signature';
  const hmac = createHmac('sha256', signed.key);
  for (const part of signed.content) hmac.update(part);
  const expected = hmac.digest();
  const fits = signed.signatures
    .slice(0, MOST_SIGNATURES)
    .some((text) => isSame(Buffer.from(text, signed.encoding), expected));
  if (!fits) return 'invalid_signature';
  const { toleranceSeconds = DEFAULT_TOLERANCE_S } = rules;
  const age = signed.at === undefined ? 0 : Math.abs(now / 1_000 - signed.at);
  // What is no number is within no tolerance.
  return age <= toleranceSeconds ? undefined : 'signature_expired';
}

function ofBody(
  header: string | readonly string[] | undefined,
  body: Buffer,
  {
    secret,
    prefix,
    encoding,
  }: { readonly secret: string; readonly prefix: string; readonly encoding: 'hex' | 'base64' },
): Signed | undefined {
  const text = textOf(header);
  if (text === undefined) return undefined;
  const signatures = text.startsWith(prefix) ? [text.slice(prefix.length)] : [];
  return { content: [body], key: secret, signatures, encoding };
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header.trim() : undefined;
  return text === '' ? undefined : text;
}

/** Takes the same time wherever two digests differ. */
function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === DIGEST_BYTES && timingSafeEqual(given, expected);
}
