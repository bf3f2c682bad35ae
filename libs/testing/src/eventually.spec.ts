import { describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.js';
import { uniqueName } from './names.js';

describe('eventually', () => {
  it('answers the first value of which the condition holds', async () => {
    let n = 0;
    expect(await eventually(() => ++n, { until: (value) => value === 3 })).toBe(3);
  });

  it('waits for a truthy value when no condition is given', async () => {
    const values = [null, false, 0, '', 'here'];
    expect(await eventually(() => values.shift())).toBe('here');
  });

  it('is done with a read that only asserts when it no longer throws', async () => {
    let n = 0;
    await eventually(() => {
      expect(++n).toBe(3);
    });
    expect(n).toBe(3);
  });

  it('takes what throws for not yet', async () => {
    let n = 0;
    const read = (): string => {
      if (++n < 3) throw new Error('not yet');
      return 'done';
    };
    expect(await eventually(read)).toBe('done');
  });

  it('names what was awaited and what was seen last', async () => {
    const waiting = eventually(() => ({ rows: 2 }), {
      until: ({ rows }) => rows === 3,
      withinMs: 50,
      what: 'the third row',
    });
    await expect(waiting).rejects.toThrow('the third row did not come within 50 ms; last seen: { rows: 2 }');
  });

  it('keeps the last error as the cause', async () => {
    const cause = new Error('connection refused');
    const waiting = eventually(() => Promise.reject(cause), { withinMs: 50 });
    await expect(waiting).rejects.toMatchObject({
      cause,
      message: expect.stringContaining('connection refused'),
    });
  });

  it('waits for as long as less and less is left', async () => {
    let n = 40;
    expect(await eventually(() => --n, { left: (value) => value, withinMs: 60, everyMs: 5 })).toBe(0);
    const stalled = eventually(() => 7, { left: (value) => value, withinMs: 50, what: 'the end' });
    await expect(stalled).rejects.toThrow('the end did not come nearer within 50 ms; last seen: 7');
  });

  it('ends at once with what says that there is nothing to wait for', async () => {
    const unless = () => {
      throw new Error('the process has ended');
    };
    await expect(eventually(() => false, { unless, withinMs: 60_000 })).rejects.toThrow('has ended');
  });

  it('keeps its deadline when a read never comes back', async () => {
    const never = Promise.withResolvers<number>().promise;
    await expect(eventually(() => never, { withinMs: 50 })).rejects.toThrow(
      'the first look has not come back',
    );
  });
});

describe('uniqueName', () => {
  it('is the prefix and twelve hex digits, another each time', () => {
    expect(uniqueName('events')).toMatch(/^events_[0-9a-f]{12}$/);
    expect(uniqueName('events')).not.toBe(uniqueName('events'));
  });
});
