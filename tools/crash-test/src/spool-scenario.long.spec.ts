import { describe, expect, it, jest } from '@jest/globals';
import { crashTest } from './crash-test.js';
import { summary } from './report.js';

// Alone on the machine it takes about a minute and a half.
jest.setTimeout(600_000);

describe('a broker that freezes, dies and comes back, and a collector killed three times meanwhile', () => {
  it('lose nothing that was answered with 200, and nothing counts twice', async () => {
    const said: string[] = [];
    const report = await crashTest({
      ...{ minutes: 1, seed: 20_262, brokers: 1 },
      scenario: { events: 2_000, callsPerSecond: 200 },
      say: (line) => said.push(line),
    });
    // On one line each, for the reader of a failure.
    expect(report.wrong.length === 0 ? [] : [...said, summary(report)]).toEqual([]);
    expect(report.ledger).toMatchObject({ lost: [], neverSent: [] });
    expect(report.ledger?.answered).toBeGreaterThanOrEqual(2_000);
    expect(report.verify?.differenceCount).toBe(0);
  });
});
