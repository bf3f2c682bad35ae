import { describe, expect, it } from '@jest/globals';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { REQUEST_LIMITS } from '../limits.js';
import { decompressed, encodingOf, type Encoding } from './decompression.js';

const packers: readonly [Encoding, string, (body: Buffer) => Buffer][] = [
  ['gzip', 'gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['deflate', 'deflate without a header', deflateRawSync],
  ['br', 'br', (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ['zstd', 'zstd', zstdCompressSync],
];
const body = Buffer.from(JSON.stringify({ batch: [{ type: 'track', event: 'Ünïcode ✓' }] }));

describe('encodingOf', () => {
  it('knows what SDKs pack with', () => {
    expect(
      [undefined, '', 'identity', 'GZIP', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'gzip, br'].map(
        (name) => encodingOf(name),
      ),
    ).toEqual([
      'identity',
      'identity',
      'identity',
      'gzip',
      'gzip',
      'deflate',
      'br',
      'zstd',
      undefined,
      undefined,
    ]);
  });
});

describe('decompressed', () => {
  it.each(packers)('unpacks %s (%s)', async (encoding, _name, pack) => {
    expect(await decompressed(pack(body), encoding)).toEqual({ ok: true, value: body });
  });

  it.each(packers)(
    'takes a body of %s (%s) that is as large as one may be, and none larger',
    async (encoding, _name, pack) => {
      const largest = Buffer.alloc(REQUEST_LIMITS.bodyBytes, 'x');
      expect(await decompressed(pack(largest), encoding)).toEqual({ ok: true, value: largest });
      const larger = pack(Buffer.alloc(REQUEST_LIMITS.bodyBytes + 1, 'x'));
      expect(await decompressed(larger, encoding)).toEqual({ ok: false, error: 'body_too_large' });
    },
  );

  it.each(packers)('does not unfold a bomb of %s (%s)', async (encoding, _name, pack) => {
    const bomb = pack(Buffer.alloc(60_000_000));
    const before = process.memoryUsage().rss;
    expect(await decompressed(bomb, encoding)).toEqual({ ok: false, error: 'body_too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(30_000_000);
  });

  it.each(packers)('says that a body is not %s (%s), or only begins so', async (encoding, _name, pack) => {
    for (const broken of [Buffer.from('{"batch":[]}'), pack(body).subarray(0, 20), Buffer.alloc(0)])
      expect(await decompressed(broken, encoding)).toEqual({ ok: false, error: 'malformed_encoding' });
  });
});
