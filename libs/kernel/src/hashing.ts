import { hash } from 'node:crypto';

/** The first 16 hexadecimal digits of a text's SHA-1: an order without meaning, the same on every machine. */
export function digest(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const made = hash('sha1', text, 'hex').slice(0, 16);
  if (text.length > LONGEST_KNOWN) return made;
  if (digests.size >= KNOWN_DIGESTS) digests.clear();
  digests.set(text, made);
  return made;
}

/** Identifiers are compared again and again while they are news. With the bound of their lengths, some megabytes. */
const KNOWN_DIGESTS = 10_000;
const LONGEST_KNOWN = 100;
const digests = new Map<string, string>();

/** Compares by digest, then by the text itself, so that a collision is no tie. */
export function compareByDigest(a: string, b: string): number {
  const x = digest(a);
  const y = digest(b);
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Names an identifier of a workspace where it may not be read: 32 hexadecimal digits of the SHA-256 of both. Who knows the
 * value can make it; nobody gets the value from it but by trying.
 */
export function digestOfIdentifier(workspaceId: string, identifier: string): string {
  return hash('sha256', `${workspaceId}/${identifier}`, 'hex').slice(0, 32);
}

const PROFILES = Buffer.from('f1f0c9d26c7a5b529a0e4f5b8f5d1c11', 'hex');

/** The id of the profile that begins with this identifier: a UUIDv5 of workspace and identifier (RFC 9562). */
export function profileIdOf(workspaceId: string, firstIdentifier: string): string {
  return nameUuid(PROFILES, `${workspaceId}/${firstIdentifier}`);
}

/** The UUIDv5 of a name in a namespace of 16 bytes (RFC 9562): the same name, the same id, on every machine. */
export function nameUuid(namespace: Buffer, name: string | Buffer): string {
  const length = typeof name === 'string' ? Buffer.byteLength(name) : name.length;
  const bytes = Buffer.allocUnsafe(namespace.length + length);
  namespace.copy(bytes);
  if (typeof name === 'string') bytes.write(name, namespace.length, 'utf8');
  else name.copy(bytes, namespace.length);
  const sha1 = hash('sha1', bytes, 'hex');
  // Version 5, and the variant in the two upper bits of the ninth byte.
  const variant = ((parseInt(sha1.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${sha1.slice(0, 8)}-${sha1.slice(8, 12)}-5${sha1.slice(13, 16)}-${variant}${sha1.slice(17, 20)}-${sha1.slice(20, 32)}`;
}

/**
 * The partition of a key among `count`: murmur2 as in Kafka's Java client, so that stock producers agree.
 * Source: org.apache.kafka.common.utils.Utils.murmur2 (A. Appleby's MurmurHash2, seed 0x9747b28c).
 */
export function partitionOf(key: string, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count;
}

function murmur2(key: string): number {
  // Of a text that is all ASCII the characters are the bytes: nearly all keys are, and need no buffer.
  for (let i = 0; i < key.length; i += 1) {
    if (key.charCodeAt(i) > 0x7f) return murmur2Of(Buffer.from(key, 'utf8').toString('latin1'));
  }
  return murmur2Of(key);
}

/** Of a text each of whose characters is a byte. */
function murmur2Of(bytes: string): number {
  const m = 0x5bd1e995;
  const whole = bytes.length & ~3;
  let h = 0x9747b28c ^ bytes.length;
  for (let i = 0; i < whole; i += 4) {
    const word =
      bytes.charCodeAt(i) |
      (bytes.charCodeAt(i + 1) << 8) |
      (bytes.charCodeAt(i + 2) << 16) |
      (bytes.charCodeAt(i + 3) << 24);
    let k = Math.imul(word, m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = bytes.length - whole;
  if (rest >= 3) h ^= bytes.charCodeAt(whole + 2) << 16;
  if (rest >= 2) h ^= bytes.charCodeAt(whole + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ bytes.charCodeAt(whole), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
