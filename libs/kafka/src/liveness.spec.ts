import { describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { FencedError, Liveness } from './liveness.js';

describe('Liveness', () => {
  it('lets a member write within its session', () => {
    expect(() => {
      new Liveness(60_000).assertAlive();
    }).not.toThrow();
  });

  it('throws once the session has passed without a heartbeat', async () => {
    const liveness = new Liveness(20);
    const error = await eventually(
      () => {
        try {
          liveness.assertAlive();
          return undefined;
        } catch (thrown) {
          return thrown;
        }
      },
      { until: (thrown) => thrown !== undefined },
    );
    expect(error).toBeInstanceOf(FencedError);
    expect(error).toMatchObject({ sessionTimeoutMs: 20 });
    expect((error as FencedError).silentMs).toBeGreaterThanOrEqual(20);
  });
});
