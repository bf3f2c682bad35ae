import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

describe('readArguments', () => {
  it('reads what is given, and has a default for the rest', () => {
    expect(readArguments(['--minutes', '0.5', '--seed', '7'], 1)).toEqual({ minutes: 0.5, seed: 7 });
    expect(readArguments([], 42)).toEqual({ minutes: 3, seed: 42 });
  });

  it.each([
    [['--minutes', 'x'], '--minutes is "x", and must be above 0'],
    [['--seed', '1.5'], '--seed is "1.5", and must be a whole number'],
    [['--minute', '1'], 'usage: npm run crash-test -- [--minutes N] [--seed S]'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args, 1)).toThrow(message);
  });
});
