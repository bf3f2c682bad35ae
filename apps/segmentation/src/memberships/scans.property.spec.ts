import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  aggregateFactOf,
  audience,
  changes,
  fragments,
  goingThrough,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const QUERIES = [
  "event('Order Completed').within(10 seconds).count() >= 1",
  "event('Order Completed').within(4 seconds).count() == 0",
  "trait('plan') = 'pro'",
  "NOT (trait('plan') = 'pro') AND event('Order Completed').within(7 seconds).count() >= 1",
  "event('Order Completed').last_at().before_last(6 seconds)",
  "event('Order Completed').time_since_last() = 3",
] as const;
const orders = aggregateFactOf(audience('any', QUERIES[0]));
/** Long enough for whatever is gone through. */
const QUIET_MS = 60;

type Step =
  | {
      readonly does: 'orders' | 'becomes pro' | 'becomes free' | 'leaves' | 'comes back';
      readonly profileId: string;
    }
  | { readonly does: 'passes'; readonly ms: number }
  | { readonly does: 'defines'; readonly key: string; readonly query: string | undefined }
  | { readonly does: 'restarts' | 'crashes' };

const profileIds = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const happens: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'orders' as const,
        'becomes pro' as const,
        'becomes free' as const,
        'leaves' as const,
        'comes back' as const,
      ),
      profileId: profileIds,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('passes' as const),
      ms: fc.constantFrom(1, 2, 3, 500, 3_000, 8_000),
    }),
  },
);
const defines: fc.Arbitrary<Step> = fc.record({
  does: fc.constant('defines' as const),
  key: fc.constantFrom('x', 'y'),
  query: fc.option(fc.constantFrom(...QUERIES), { nil: undefined }),
});

/** A partition that lives through it, going through so many profiles in a step. */
class World {
  #assignment = 0;

  private constructor(
    readonly driver: ProcessorDriver<MembershipsState>,
    private readonly audiences: Map<string, Audience>,
  ) {}

  static async start(keysAtOnce: number): Promise<World> {
    const audiences = new Map<string, Audience>();
    return new World(await startProcessor(audiences, {}, goingThrough(keysAtOnce)), audiences);
  }

  async do(step: Step): Promise<void> {
    const { driver } = this;
    const now = driver.clock.now();
    if (step.does === 'passes') await driver.advance(step.ms);
    else if (step.does === 'restarts') await this.#again(() => driver.restart());
    else if (step.does === 'crashes') await this.#again(() => driver.crash());
    else if (step.does === 'defines') {
      const { key, query } = step;
      if (query === undefined) this.audiences.delete(`w/${key}`);
      else this.audiences.set(`w/${key}`, { ...audience(key, query), definedAt: now });
      await driver.redefined();
    } else if ('profileId' in step) await this.#feed(step.does, step.profileId, now);
  }

  /** By membership, what readers were told, in order. */
  get told() {
    const byMembership: Record<string, string[]> = {};
    for (const one of changes(this.driver.logs.records(TOPICS.changes))) {
      const { audienceKey, profileId, change, at, cause, causedBy = '' } = one;
      (byMembership[`${audienceKey} ${profileId}`] ??= []).push(`${change} ${at} ${cause} ${causedBy}`);
    }
    return byMembership;
  }

  /** Who is in, as far as was told. */
  get members(): readonly string[] {
    return Object.entries(this.told)
      .flatMap(([name, told]) => (told.at(-1)?.startsWith('entered') ? [name] : []))
      .sort();
  }

  async #again(lives: () => Promise<unknown>): Promise<void> {
    await lives();
    await this.driver.poll();
  }

  async #feed(does: string, profileId: string, now: number): Promise<void> {
    this.#assignment += 1;
    const id = `m${this.#assignment}`;
    const facts =
      does === 'orders'
        ? { [orders]: [[now, id]], '@attached': { attached: true } }
        : does === 'leaves' || does === 'comes back'
          ? { '@attached': { attached: does === 'comes back' } }
          : {
              'trait/plan': traitFact(does === 'becomes pro' ? 'pro' : 'free', now, id),
              '@attached': { attached: true },
            };
    const options = { profileId, assignment: this.#assignment };
    await this.driver.feed(TOPICS.fragments, fragments(facts, options));
  }
}

async function worldAfter(steps: readonly Step[], keysAtOnce: number): Promise<World> {
  const world = await World.start(keysAtOnce);
  for (const step of steps) await world.do(step);
  await world.do({ does: 'passes', ms: QUIET_MS });
  return world;
}

async function both<T>(steps: readonly Step[], of: (world: World) => T): Promise<readonly T[]> {
  const worlds = [await worldAfter(steps, 1), await worldAfter(steps, 1_000)];
  for (const { driver } of worlds) await driver.close();
  return worlds.map(of);
}

describe('everybody who is gone through one by one', () => {
  it('comes out the same, at the same instants and by the same causes, as if all were at once', async () => {
    const round = fc
      .tuple(defines, fc.array(happens, { maxLength: 12 }))
      .map(([first, then]): readonly Step[] => [{ does: 'passes', ms: QUIET_MS }, first, ...then]);
    const rounds = fc.array(round, { maxLength: 4 }).map((all) => all.flat());
    await fc.assert(
      fc.asyncProperty(fc.array(happens, { maxLength: 10 }), rounds, async (before, then) => {
        const [one, all] = await both([...before, ...then], ({ told }) => told);
        expect(one).toEqual(all);
      }),
      { numRuns: propertyRuns(20) },
    );
  });

  it('ends where all at once would, through crashes and definitions that change on the way', async () => {
    const ends = fc.constantFrom<Step>({ does: 'restarts' }, { does: 'crashes' });
    const anything = fc.oneof(
      { weight: 4, arbitrary: happens },
      { weight: 2, arbitrary: defines },
      { weight: 1, arbitrary: ends },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 40 }), async (steps) => {
        const [one, all] = await both(steps, ({ members, told }) => ({ members, told }));
        expect(one?.members).toEqual(all?.members);
        for (const changes of Object.values(one?.told ?? {})) {
          const directions = changes.map((change) => change.split(' ')[0]);
          expect(directions).toEqual(directions.map((_, i) => (i % 2 === 0 ? 'entered' : 'exited')));
          const instants = changes.map((change) => change.split(' ')[1]);
          expect(instants).toEqual([...instants].sort());
        }
      }),
      { numRuns: propertyRuns(20) },
    );
  });
});
