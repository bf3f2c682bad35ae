import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linesOf, type Line } from './lines.js';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function read(text: string, sizes: readonly number[], limit: number): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(cut(Buffer.from(text), sizes), limit)) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  it('finds the same lines however the bytes are cut', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ä', '\r', ' '), maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), sizes, async (lines, cuts) => {
        const text = lines.join('\n');
        const expected = text
          .split('\n')
          .map((one, i) => ({ number: i + 1, text: one.endsWith('\r') ? one.slice(0, -1) : one }))
          .filter((one) => one.text.trim() !== '');
        const found = await read(text, cuts, 1_000);
        expect(found.map(({ number, bytes }) => ({ number, text: String(bytes) }))).toEqual(expected);
      }),
    );
  });

  it('holds no more of a line than the limit, and says that it was longer', async () => {
    const found = await read(`${'x'.repeat(50)}\nshort\n`, [20, 20], 10);
    expect(found.map(({ number, bytes, tooLong }) => [number, bytes.length, tooLong])).toEqual([
      [1, 10, true],
      [2, 5, false],
    ]);
  });
});
