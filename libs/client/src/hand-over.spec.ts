import { describe, expect, it } from '@jest/globals';
import { HandOver } from './hand-over.js';

describe('HandOver', () => {
  it('lets who gives wait until the next one is asked for', async () => {
    const handOver = new HandOver<number>();
    const said: string[] = [];
    const given = [1, 2].map(async (item) => {
      said.push(`${item} done: ${await handOver.give(item)}`);
    });
    const taker = handOver[Symbol.asyncIterator]();
    expect(await taker.next()).toEqual({ done: false, value: 1 });
    expect(said).toEqual([]);
    expect(await taker.next()).toEqual({ done: false, value: 2 });
    expect(said).toEqual(['1 done: true']);
    await taker.return();
    await Promise.all(given);
    expect(said).toEqual(['1 done: true', '2 done: false']);
  });

  it('ends after what was given, or at once', async () => {
    const ended = new HandOver<number>();
    const first = ended.give(1);
    ended.end();
    const seen: number[] = [];
    for await (const item of ended) seen.push(item);
    expect(seen).toEqual([1]);
    expect(await first).toBe(true);
    expect(await ended.give(2)).toBe(false);

    const closed = new HandOver<number>();
    const never = closed.give(1);
    closed.close();
    expect(await closed[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    expect(await never).toBe(false);
  });

  it('fails behind what was given before', async () => {
    const handOver = new HandOver<number>();
    const first = handOver.give(1);
    handOver.fail(new Error('gone'));
    const taker = handOver[Symbol.asyncIterator]();
    expect(await taker.next()).toEqual({ done: false, value: 1 });
    await expect(taker.next()).rejects.toThrow('gone');
    expect(await first).toBe(true);
  });
});
