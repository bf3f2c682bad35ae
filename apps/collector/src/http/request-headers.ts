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
 * Address and agent of the person's device; nothing when the request comes from a server, which sends its own.
 * `X-IP-Policy` may shorten the address or leave it out. Each of the `trustedHops` proxies in front has appended its
 * client's address to `X-Forwarded-For`. What stands before those, the client may have made up.
 */
export function deviceOf(headers: IncomingHttpHeaders, peer: string, trustedHops: number): Device {
  const userAgent = headers['user-agent'];
  if (userAgent === undefined || !DEVICE_AGENT.test(userAgent)) return {};
  const asked = [...listOf(headers['x-forwarded-for']), peer];
  const ip = heeding(headers['x-ip-policy'], asked[Math.max(0, asked.length - 1 - trustedHops)] ?? peer);
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
  trustedHops: number,
): PublicAddress | undefined {
  const forwarded = trustedHops > 0 ? listOf(headers['x-forwarded-host'])[0] : undefined;
  const proto = trustedHops > 0 ? listOf(headers['x-forwarded-proto'])[0] : undefined;
  const host = forwarded ?? headers.host ?? '';
  if (!/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)) return undefined;
  return { protocol: proto === 'https' ? 'https' : 'http', host };
}

function listOf(header: string | readonly string[] | undefined): readonly string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
