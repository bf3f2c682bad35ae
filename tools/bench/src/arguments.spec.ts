import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

describe('readArguments', () => {
  it('has defaults for everything', () => {
    expect(readArguments([])).toEqual({ name: undefined, events: 60_000, runs: 2 });
  });

  it('takes a name and bounds', () => {
    expect(readArguments(['pipeline', '--events', '5000', '--runs', '3'])).toEqual({
      name: 'pipeline',
      events: 5_000,
      runs: 3,
    });
  });

  it('says what is wrong with a bound', () => {
    expect(() => readArguments(['--runs', '0'])).toThrow(
      '--runs is "0", and must be a positive whole number',
    );
  });

  it('refuses an option that it does not know', () => {
    expect(() => readArguments(['--fast'])).toThrow("'--fast'");
  });
});
