import { headerOf, type AccessRequest } from './caller.js';

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|\[::1\]|127(\.\d{1,3}){3})(:\d+)?$/i;
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether a method changes nothing, by RFC 9110. */
export function isSafe({ method }: AccessRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Whether a page of this api sent a request, by the header Origin, which no page can make up. */
export function isSameOrigin(request: AccessRequest, publicUrl: string | undefined): boolean {
  const origin = headerOf(request, 'origin');
  if (origin === undefined || !URL.canParse(origin)) return false;
  if (publicUrl !== undefined && new URL(publicUrl).origin === new URL(origin).origin) return true;
  return new URL(origin).host === headerOf(request, 'host')?.toLowerCase();
}

/**
 * Whether somebody at this machine sent a request: from loopback, to a name of loopback (a page elsewhere whose name leads
 * to 127.0.0.1 has another), through no proxy, and not for a page of another site.
 */
export function isFromThisMachine(request: AccessRequest): boolean {
  if (!LOOPBACK_ADDRESS.test(request.ip)) return false;
  if (!LOOPBACK_HOST.test(headerOf(request, 'host') ?? '')) return false;
  if (FORWARDED.some((name) => request.headers[name] !== undefined)) return false;
  if (!['same-origin', 'none', undefined].includes(headerOf(request, 'sec-fetch-site'))) return false;
  return headerOf(request, 'origin') === undefined || isSameOrigin(request, undefined);
}

/** The address of whoever sent a request, behind so many proxies that are believed. */
export function addressOf(request: AccessRequest, trustedHops: number): string {
  const forwarded = request.headers['x-forwarded-for'];
  if (trustedHops === 0 || forwarded === undefined) return request.ip;
  const hops = String(forwarded)
    .split(',')
    .map((hop) => hop.trim());
  return hops.at(-trustedHops) ?? request.ip;
}
