import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { RefusedError, type ProcessorDriver } from '@tributary/drivers';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import {
  audience,
  changes,
  fragments,
  inForce,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const audiences = inForce(
  audience('pros', "trait('plan') = 'pro'"),
  audience('others', "NOT (trait('plan') = 'pro')"),
  audience('freemium', "trait('plan') = 'pro' OR trait('plan') = 'free'"),
  audience('half', "random(50%) OR trait('plan') = 'none'"),
);

/** Somebody's plan changes, and what happens to the owner while it tells so, or afterwards. */
interface Step {
  readonly profileId: string;
  readonly plan: string;
  /** The logs take so many records of what it publishes; all, unless given. */
  readonly cut: number | undefined;
  readonly then: 'goes on' | 'restarts' | 'crashes' | 'loses its disk' | 'loses disk and changes';
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    profileId: fc.constantFrom('p', 'q'),
    plan: fc.constantFrom('pro', 'free', 'none'),
    cut: fc.option(fc.nat(9), { nil: undefined }),
    then: fc.constantFrom(
      ...(['goes on', 'goes on', 'restarts', 'crashes'] as const),
      ...(['loses its disk', 'loses disk and changes'] as const),
    ),
  }),
  { maxLength: 14 },
);

async function live(driver: ProcessorDriver<MembershipsState>, life: readonly Step[]): Promise<void> {
  for (const { profileId, plan, cut, then } of life) {
    driver.clock.sleep(1);
    const facts = { 'trait/plan': traitFact(plan, driver.clock.now()), '@attached': { attached: true } };
    driver.logs.write(TOPICS.fragments, fragments(facts, { profileId }));
    if (cut !== undefined) await cutOff(driver, cut);
    await driver.poll();
    if (then === 'restarts') await driver.restart();
    if (then === 'crashes') await driver.crash();
    if (then === 'loses its disk') await driver.crash({ disk: 'lost' });
    if (then === 'loses disk and changes') {
      // A quiet week: what there was to say is said.
      await driver.restart();
      await driver.advance(0);
      driver.logs.retire(TOPICS.changes);
      await driver.crash({ disk: 'lost' });
    }
    await driver.poll();
  }
}

/** The broker goes away while the owner publishes, and once more while the next one takes over. */
async function cutOff(driver: ProcessorDriver<MembershipsState>, records: number): Promise<void> {
  for (const life of [() => driver.poll(), () => driver.crash()]) {
    driver.logs.refuseAfter(records);
    await life().catch((error: unknown) => {
      if (!(error instanceof RefusedError)) throw error;
    });
  }
  driver.logs.refuseAfter(Infinity);
  await driver.crash();
}

/** By membership, what readers were told, in order; and all the ids. */
async function toldIn(life: readonly Step[]) {
  const driver = await startProcessor(audiences);
  await live(driver, life);
  const told = changes(driver.logs.records(TOPICS.changes));
  await driver.close();
  const byMembership: Record<string, string[]> = {};
  for (const { audienceKey, profileId, change, at } of told)
    (byMembership[`${audienceKey} ${profileId}`] ??= []).push(`${change} ${at}`);
  return { byMembership, ids: told.map(({ id }) => id) };
}

describe('any life of a partition, with crashes within and between its steps', () => {
  it('tells each change once, and the same ones in the same order as a life without', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const calm = life.map((step) => ({ ...step, cut: undefined, then: 'goes on' as const }));
        const { byMembership, ids } = await toldIn(life);
        expect(byMembership).toEqual((await toldIn(calm)).byMembership);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: propertyRuns(20) },
    );
  });
});
