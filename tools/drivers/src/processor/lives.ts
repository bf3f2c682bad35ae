import fc from 'fast-check';
import { RefusedError } from './driven-logs.js';
import type { ProcessorDriver } from './processor-driver.js';

/** What happens to a processor while it reads what its inputs hold. */
interface Step {
  readonly does: 'poll' | 'restart' | 'crash' | 'lose the disk' | 'be cut off';
  /** Records that a `poll` takes at most, or that the logs take before they are cut off. */
  readonly records: number;
}

/** Any way to read the same: batches of any size, restarts, and crashes between and within the steps of a batch. */
export const lives: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom<Step['does'][]>('poll', 'poll', 'restart', 'crash', 'lose the disk', 'be cut off'),
    records: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 12 },
);

/** Lives such a life, then reads to the end what is left. */
export async function live<S extends object>(
  driver: ProcessorDriver<S>,
  steps: readonly Step[],
): Promise<void> {
  for (const { does, records } of steps) {
    if (does === 'poll') await driver.poll(records);
    else if (does === 'restart') await driver.restart();
    else if (does === 'be cut off') await beCutOff(driver, records - 1);
    else await driver.crash({ disk: does === 'crash' ? 'kept' : 'lost' });
  }
  await driver.poll();
}

/** The broker goes away while it publishes or writes its checkpoint, and it crashes of it. */
async function beCutOff<S extends object>(driver: ProcessorDriver<S>, records: number): Promise<void> {
  driver.logs.refuseAfter(records);
  try {
    await driver.poll();
    await driver.restart();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  driver.logs.refuseAfter(Infinity);
  await driver.crash();
}
