import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

describe('readArguments', () => {
  it('reads what is given, and has a default for the rest', () => {
    const given = ['--minutes', '0.5', '--seed', '7', '--brokers', '3'];
    expect(readArguments(given, 1)).toEqual({ minutes: 0.5, seed: 7, brokers: 3 });
    expect(readArguments([], 42)).toEqual({ minutes: 3, seed: 42, brokers: 1 });
    expect(readArguments(['--scenario', 'spool'], 42)).toMatchObject({
      seed: 42,
      scenario: { name: 'spool', events: 200_000 },
    });
    const short = ['--scenario', 'identity', '--events', '5000'];
    expect(readArguments(short, 42)).toMatchObject({ scenario: { name: 'identity', events: 5_000 } });
  });

  it.each([
    [['--minutes', 'x'], '--minutes is "x", and must be above 0'],
    [['--seed', '1.5'], '--seed is "1.5", and must be a whole number'],
    [['--brokers', '2'], '--brokers is "2", and must be 1 or 3'],
    [['--minute', '1'], 'usage: npm run crash-test -- [--minutes N] [--seed S] [--brokers 1|3]'],
    [['--scenario', 'spoon'], '--scenario is "spoon", and must be spool or identity'],
    [['--events', '5000'], '--scenario is "", and must be spool or identity'],
    [['--scenario', 'spool', '--events', '1'], '--events is "1", and must be a whole number, 1000 or more'],
    [['--scenario', 'spool', '--brokers', '3'], 'leave --brokers and --minutes out'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args, 1)).toThrow(message);
  });
});
