import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PartitionStore } from './partition-store.js';
import { Timers } from './timers.js';

let dir = '';
let store: PartitionStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'timers-'));
  store = await PartitionStore.open(dir);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

type Step =
  | { readonly does: 'set'; readonly profile: string; readonly at: number | undefined }
  | { readonly does: 'take'; readonly now: number; readonly limit: number }
  | { readonly does: 'stage' | 'commit' };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('set' as const),
      profile: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      at: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    }),
    fc.record({
      does: fc.constant('take' as const),
      now: fc.integer({ min: 0, max: 60 }),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ does: fc.constantFrom('stage' as const, 'commit' as const) }),
  ),
  { maxLength: 40 },
);

describe('the timers of a partition', () => {
  it('give the earliest deadlines first, whatever of them is in memory, on its way to the disk, or there', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const timers = new Timers(store, 'timers');
        store.stage((writer) => {
          for (const table of ['timers', 'timers-by-profile']) writer.clear(table);
        });
        await store.commit([], { offsets: {}, changelogOffset: 0, at: 1 });
        const expected = new Map<string, number>();
        for (const step of all) {
          if (step.does === 'set') {
            timers.set(step.profile, step.at);
            if (step.at === undefined) expected.delete(step.profile);
            else expected.set(step.profile, step.at);
          } else if (step.does === 'take') {
            const taken = timers.take(step.now, step.limit);
            const instants = taken.map((profile) => expected.get(profile));
            const due = [...expected.values()].filter((at) => at <= step.now).sort((a, b) => a - b);
            expect(instants).toEqual(due.slice(0, step.limit));
            for (const profile of taken) expected.delete(profile);
          } else if (step.does === 'stage') {
            store.stage((writer) => {
              timers.checkpoint(writer);
            });
          } else await store.commit([], { offsets: {}, changelogOffset: 0, at: 1 });
          const next = Math.min(...expected.values());
          expect(timers.next()).toBe(next === Infinity ? undefined : next);
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});
