import { describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import type { Consumer } from 'kafkajs';
import { EventEmitter } from 'node:events';
import { FencedError, Liveness } from './liveness.js';

/** What a consumer reports of its group, without a broker. */
function joining(liveness: Liveness, holds: () => boolean) {
  const emitter = new EventEmitter();
  const events = { REQUEST: 'request', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join' };
  liveness.watch({ on: emitter.on.bind(emitter), events } as unknown as Consumer, holds);
  return (memberId: string) => emitter.emit('join', { payload: { memberId } });
}

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

  it('throws for ever once a member that held partitions had to join by another id', () => {
    const liveness = new Liveness(60_000);
    const join = joining(liveness, () => true);
    join('m-1');
    join('m-1');
    expect(() => {
      liveness.assertAlive();
    }).not.toThrow();
    join('m-2');
    join('m-2');
    expect(() => {
      liveness.assertAlive();
    }).toThrow('the group let this member go');
  });

  it('lets a member join by another id that held nothing', () => {
    const liveness = new Liveness(60_000);
    const join = joining(liveness, () => false);
    join('m-1');
    join('m-2');
    expect(() => {
      liveness.assertAlive();
    }).not.toThrow();
  });
});
