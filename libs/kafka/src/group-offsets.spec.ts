import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { GroupOffsets, type CommitFailure } from './group-offsets.js';

const groupId = 'g';
const refusal = (type: string) => Object.assign(new Error(type), { type });

/** Offsets whose commits end as the spec says, one after the other; then they are taken. */
function offsets(...ends: readonly (Error | undefined)[]) {
  const left = [...ends];
  const told: unknown[] = [];
  const failures: CommitFailure[] = [];
  const made = new GroupOffsets({
    groupId,
    onFailure: (failure) => failures.push(failure),
    consumer: {
      commitOffsets: (places) => {
        told.push(places);
        const error = left.shift();
        return error ? Promise.reject(error) : Promise.resolve();
      },
    },
  });
  return { made, told, failures };
}

const place = (partition: number, offset: string) => ({ topic: 't', partition, offset });

afterEach(() => {
  jest.useRealTimers();
});

describe('GroupOffsets', () => {
  it('tells all partitions at once, each as far as it came', async () => {
    const { made, told, failures } = offsets();
    made.reached('t', 0, 3);
    made.reached('t', 1, 5);
    made.reached('t', 0, 4);
    await made.flush();
    await made.flush();
    expect(told).toEqual([[place(0, '4'), place(1, '5')]]);
    expect(failures).toEqual([]);
  });

  it('says of each partition that the group did not take it, and tells it again', async () => {
    const error = refusal('COORDINATOR_LOAD_IN_PROGRESS');
    const { made, told, failures } = offsets(error);
    made.reached('t', 0, 3);
    made.reached('t', 1, 5);
    await made.flush();
    expect(failures).toEqual([
      { groupId, topic: 't', partition: 0, offset: 3, error, isOfOldGeneration: false },
      { groupId, topic: 't', partition: 1, offset: 5, error, isOfOldGeneration: false },
    ]);
    made.reached('t', 1, 6);
    await made.flush();
    expect(told[1]).toEqual(expect.arrayContaining([place(0, '3'), place(1, '6')]));
  });

  it.each(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'])(
    'knows %s for what a rebalance brings, also as the cause',
    async (type) => {
      const { made, failures } = offsets(new Error('gave up', { cause: refusal(type) }));
      made.reached('t', 0, 3);
      await made.flush();
      expect(failures.map(({ isOfOldGeneration }) => isOfOldGeneration)).toEqual([true]);
    },
  );

  it('tells nothing more of a partition that moved away while the group was being told', async () => {
    const { made, told } = offsets(refusal('REBALANCE_IN_PROGRESS'));
    made.reached('t', 0, 3);
    made.reached('t', 1, 5);
    const flushed = made.flush();
    made.reached('t', 0, 4);
    made.forget((partition) => partition === 1);
    await flushed;
    await made.flush();
    expect(told).toEqual([[place(0, '3'), place(1, '5')], [place(1, '5')]]);
  });

  it('tells it once a second', async () => {
    jest.useFakeTimers();
    const { made, told } = offsets();
    made.reached('t', 0, 3);
    await jest.advanceTimersByTimeAsync(999);
    expect(told).toEqual([]);
    made.reached('t', 0, 4);
    await jest.advanceTimersByTimeAsync(1);
    expect(told).toEqual([[place(0, '4')]]);
  });
});
