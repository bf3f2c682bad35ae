import { describe, expect, it } from '@jest/globals';
import type { Measure } from './bench.js';
import { benchmarksPage } from './page.js';
import type { Results } from './results.js';
import { summarise } from './statistics.js';

const ABOUTS = new Map([
  ['pipeline', 'All of it.'],
  ['latency', 'How late.'],
]);

function results(name: string, measures: readonly Measure[]): Results {
  return {
    name,
    at: '2030-01-01T10:20:30.000Z',
    command: `npm run bench ${name}`,
    machine: {
      processor: 'Processor',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      node: '24',
      java: '17',
      kernel: 'Linux 6',
      loadAverage: [0.1, 0.2, 0.3],
    },
    facts: { events: 10 },
    measures: measures.map((measure) => ({ ...measure, ...summarise(measure.runs) })),
  };
}

const sustained = (variant: string, ...runs: readonly number[]): Measure => ({
  what: 'sustained, to membership and ClickHouse',
  variant,
  unit: 'events/s',
  runs,
});

const page = (...all: readonly Results[]) =>
  benchmarksPage(new Map(all.map((one) => [one.name, one])), ABOUTS).split('\n');

describe('benchmarksPage', () => {
  it('says of a bar whether it is met, by the figure that is worst for it', () => {
    const lines = page(results('pipeline', [sustained('10', 20_000), sustained('1,000', 9_000, 11_000)]));
    expect(lines).toContain(
      '| whole pipeline, HTTP to membership and to ClickHouse | ≥ 15,000 events/s | ' +
        '10,000 (9,000 … 11,000) events/s (pipeline: sustained, to membership and ClickHouse; 1,000) | no |',
    );
  });

  it('does not call a bar met that was tried with less than it speaks of', () => {
    const memory = (variant: string, mb: number): Measure => ({
      what: 'memory: kafka',
      variant,
      unit: 'MB',
      runs: [mb],
    });
    const verdicts = [
      [memory('10,000 profiles', 500)],
      [memory('10,000 profiles', 500), memory('1,000,000 profiles', 600)],
      [memory('10,000 profiles', 2_000)],
    ].map((measures) => page(results('pipeline', measures)).find((line) => line.includes('≤ 1 GiB')));
    expect(verdicts).toEqual([
      expect.stringMatching(/ not yet tried at full size \|$/),
      expect.stringMatching(/ yes \|$/),
      expect.stringMatching(/ no \|$/),
    ]);
  });

  it('says what is not measured', () => {
    expect(page(results('pipeline', []))).toContain(
      '| window passes → exit published, p99 | < 250 ms late | not measured: `npm run bench latency` |  |',
    );
  });

  it('has a column for each variant', () => {
    const lines = page(
      results('pipeline', [
        sustained('a', 1),
        sustained('b', 2),
        { what: 'x', variant: 'b', unit: 's', runs: [3] },
      ]),
    );
    expect(lines).toContain('|  | a | b |');
    expect(lines).toContain('| x, s |  | 3 |');
  });

  it('has a row for each variant where there are more of them than of measures', () => {
    const lines = page(results('pipeline', [sustained('a', 1), sustained('b', 2)]));
    expect(lines).toContain('|  | sustained, to membership and ClickHouse, events/s |');
    expect(lines).toContain('| b | 2 |');
  });

  it('names the machine, the command and the facts of each benchmark', () => {
    const text = page(results('latency', [])).join('\n');
    expect(text).toContain(
      '`npm run bench latency`, 2030-01-01 10:20 UTC, on 2 × Processor, 8 GiB, Linux 6, Node.js 24, Java 17; ' +
        'load average at start 0.1, 0.2, 0.3.',
    );
    expect(text).toContain('- events: `10`');
  });
});
