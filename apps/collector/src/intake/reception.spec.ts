import { describe, expect, it } from '@jest/globals';
import { Reception, type Received } from './reception.js';

describe('Reception', () => {
  it('numbers the calls of one millisecond, and begins again with the next', () => {
    let now = 1_000_000;
    const reception = new Reception({ now: () => now });
    expect(reception.now()).toEqual({ receivedAt: 1_000_000, sequence: 0 });
    reception.took(3);
    expect(reception.now()).toEqual({ receivedAt: 1_000_000, sequence: 3 });
    now += 1;
    expect(reception.now()).toEqual({ receivedAt: 1_000_001, sequence: 0 });
  });

  it('does not go back with the clock, unless the clock was wrong by more than a minute', () => {
    const clock = [1_000_000, 999_990, 999_999, 1_000_001, 940_001, 900_000];
    const reception = new Reception({ now: () => clock.shift() ?? 0 });
    const received: Received[] = [];
    for (let i = 0; i < 6; i += 1) {
      received.push(reception.now());
      reception.took(2);
    }
    expect(received).toEqual([
      { receivedAt: 1_000_000, sequence: 0 },
      { receivedAt: 1_000_000, sequence: 2 },
      { receivedAt: 1_000_000, sequence: 4 },
      { receivedAt: 1_000_001, sequence: 0 },
      { receivedAt: 1_000_001, sequence: 2 },
      { receivedAt: 900_000, sequence: 0 },
    ]);
  });
});
