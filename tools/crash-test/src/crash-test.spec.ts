import { describe, expect, it, jest } from '@jest/globals';
import { crashTest } from './crash-test.js';
import { summary } from './report.js';

// Alone on the machine it takes about four minutes.
jest.setTimeout(900_000);

const SEED = 20_261;

describe('a minute of kills, a zombie, cuts, a lost disk and repetitions under load', () => {
  it('loses nothing, counts nothing twice, and comes to what the batch computation says', async () => {
    const said: string[] = [];
    const report = await crashTest({ minutes: 1, seed: SEED, brokers: 1, say: (line) => said.push(line) });
    // On one line each, for the reader of a failure.
    expect(report.wrong.length === 0 ? [] : [...said, summary(report)]).toEqual([]);
    const kinds = new Set(report.faults.map(({ kind }) => kind));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'kill-service',
        'kill-broker',
        'kill-clickhouse',
        'zombie',
        'cut',
        'lose-state',
        'repeat-calls',
        'repeat-log',
      ]),
    );
    expect(report.ledger?.answered).toBeGreaterThan(1_000);
  });
});
