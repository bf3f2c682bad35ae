import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

describe('readArguments', () => {
  it('leaves the bounds to each benchmark', () => {
    expect(readArguments([])).toEqual({ writeDocs: false, minutes: 60 });
  });

  it('takes a name and bounds', () => {
    expect(readArguments(['pipeline', '--events', '5000', '--runs', '3', '--minutes', '5'])).toEqual({
      name: 'pipeline',
      writeDocs: false,
      events: 5_000,
      runs: 3,
      minutes: 5,
    });
  });

  it('takes lists, the least first', () => {
    expect(readArguments(['--profiles', '100000,10000', '--rates', '200'])).toMatchObject({
      profiles: [10_000, 100_000],
      rates: [200],
    });
  });

  it('takes none for identifiers, and nowhere else', () => {
    expect(readArguments(['--identifiers', '1000,0', '--supernode', '10'])).toMatchObject({
      identifiers: [0, 1_000],
      supernode: 10,
    });
    expect(() => readArguments(['--identifiers', '1,x'])).toThrow('and must be a whole number');
    expect(() => readArguments(['--supernode', '0'])).toThrow(
      '--supernode is "0", and must be a positive whole number',
    );
  });

  it('is told to write the page', () => {
    expect(readArguments(['--write-docs']).writeDocs).toBe(true);
  });

  it('says what is wrong with a bound', () => {
    expect(() => readArguments(['--runs', '0'])).toThrow(
      '--runs is "0", and must be a positive whole number',
    );
    expect(() => readArguments(['--profiles', '10,many'])).toThrow('--profiles is "many"');
  });

  it('refuses an option that it does not know, and more than one name', () => {
    expect(() => readArguments(['--fast'])).toThrow("'--fast'");
    expect(() => readArguments(['pipeline', 'latency'])).toThrow('there are 2 names');
  });
});
