import { describe, expect, it } from '@jest/globals';
import { yieldToEventLoop } from './event-loop.js';

describe('yieldToEventLoop', () => {
  it('lets timers run between those who ask at once', async () => {
    const seen: string[] = [];
    const timer = setInterval(() => seen.push('timer'), 1);
    const work = async (name: string) => {
      await yieldToEventLoop();
      const until = performance.now() + 3;
      while (performance.now() < until);
      seen.push(name);
    };
    await Promise.all(['a', 'b', 'c'].map(work));
    clearInterval(timer);
    expect(seen.filter((one) => one !== 'timer')).toEqual(['a', 'b', 'c']);
    const between = (from: string, to: string) => seen.slice(seen.indexOf(from), seen.indexOf(to));
    expect(between('a', 'b')).toContain('timer');
    expect(between('b', 'c')).toContain('timer');
  });
});
