import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';
import { REQUEST_LIMITS } from '../limits.js';
import type { PublicAddress } from './library-settings.js';

/** JSON of events seldom shrinks to less than a tenth. */
const USUAL_RATIO = 10;

/** The bytes to expect of a body, decompressed; the most there may be where its length is not said. */
export function expectedBytes(headers: IncomingHttpHeaders): number {
  const length = Number(headers['content-length'] ?? REQUEST_LIMITS.bodyBytes);
  const ratio = headers['content-encoding'] ? USUAL_RATIO : 1;
  return Math.min(length * ratio, REQUEST_LIMITS.bodyBytes);
}

/** The device of a person, as far as a request shows it. */
export interface Device {
  readonly ip?: string;
  readonly userAgent?: string;
}

const DEVICE_AGENT = /^Mozilla\/|^Dalvik\/| CFNetwork\/| Darwin\//;

/**
 * Address and agent of the person's device; nothing when the request comes from a server, which sends its own. The
 * address as far as `X-IP-Policy` lets it be known.
 */
export function deviceOf(headers: IncomingHttpHeaders, peer: string, trustForwarded: boolean): Device {
  const userAgent = headers['user-agent'];
  if (userAgent === undefined || !DEVICE_AGENT.test(userAgent)) return {};
  const forwarded = trustForwarded ? firstOf(headers['x-forwarded-for']) : undefined;
  const ip = heeding(headers['x-ip-policy'], forwarded ?? peer);
  return { ...(ip === undefined ? {} : { ip }), userAgent };
}

/** A policy that is not known keeps nothing: who sends one wants less than all. */
function heeding(policy: string | readonly string[] | undefined, ip: string): string | undefined {
  if (policy === undefined || policy === '' || policy === 'keep') return ip;
  if (policy !== 'stripLastOctet') return undefined;
  const plain = ip.replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIPv4(plain) ? plain.replace(/\d+$/, '0') : undefined;
}

/** Where a library reached us, for the settings that it asks for. */
export function publicAddressOf(
  headers: IncomingHttpHeaders,
  trustForwarded: boolean,
): PublicAddress | undefined {
  const forwarded = trustForwarded ? firstOf(headers['x-forwarded-host']) : undefined;
  const proto = trustForwarded ? firstOf(headers['x-forwarded-proto']) : undefined;
  const host = forwarded ?? headers.host ?? '';
  if (!/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)) return undefined;
  return { protocol: proto === 'https' ? 'https' : 'http', host };
}

function firstOf(list: string | readonly string[] | undefined): string | undefined {
  const text = typeof list === 'string' ? list : list?.[0];
  const first = text?.split(',', 1)[0]?.trim();
  return first === '' ? undefined : first;
}
