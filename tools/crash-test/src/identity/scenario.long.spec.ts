import { describe, expect, it, jest } from '@jest/globals';
import { identitySummary } from './report.js';
import { identityScenario } from './scenario.js';

// Alone on the machine it takes about a minute.
jest.setTimeout(600_000);

describe('processes of identity that are killed, stopped and added while rules and splits change', () => {
  it('come to what the log says of everybody', async () => {
    const said: string[] = [];
    const report = await identityScenario({
      ...{ seed: 20_263, events: 6_000, eventsPerSecond: 300 },
      say: (line) => said.push(line),
    });
    // On one line each, for the reader of a failure.
    expect(report.wrong.length === 0 ? [] : [...said, identitySummary(report)]).toEqual([]);
    expect(report.verify?.differenceCount).toBe(0);
    expect(report.verify?.applied).toEqual([
      expect.objectContaining({ rulesVersion: expect.any(Number) as unknown }),
    ]);
    expect(report.verify?.applied[0]?.splits).toBeGreaterThan(0);
    expect(report.written).toMatchObject({ events: 6_000, rulesChanges: 2 });
    expect(report.done?.kills).toBeGreaterThan(0);
    expect(report.rebalances).toBeGreaterThan(0);
    expect(report.told?.reasons).toMatchObject({
      linked: expect.any(Number) as unknown,
      split: expect.any(Number) as unknown,
      rules: expect.any(Number) as unknown,
    });
  });
});
