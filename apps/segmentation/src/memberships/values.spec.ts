import { afterEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  audience,
  foldedFacts,
  fragments,
  inForce,
  memberships,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

/** The clock of a processor that starts; a slice of ten seconds begins here. */
const START = 1_000_000;
const home = { '@attached': { attached: true } };

let driver: ProcessorDriver<MembershipsState> | undefined;

async function start(of: Audience) {
  driver = await startProcessor(inForce(of));
  const running = driver;
  const feed = (...events: readonly (readonly [number, unknown, string])[]) =>
    running.feed(TOPICS.fragments, fragments({ ...foldedFacts(of, events), ...home }));
  return { running, feed };
}

afterEach(() => driver?.close());

describe('an audience of a value', () => {
  const spenders = audience(
    'spenders',
    "event('Order Completed').within(10 seconds).sum(property('x')) >= 100",
  );

  it('is entered with the event that makes the value', async () => {
    const { running, feed } = await start(spenders);
    running.clock.sleep(3_000);
    expect(memberships(await feed([START, 60, 'a']))).toEqual([]);
    expect(memberships(await feed([START, 60, 'a'], [START + 2_500, '40', 'b']))).toMatchObject([
      { member: true, cause: 'event', causedBy: 'b', since: '1970-01-01T00:16:42.500Z' },
    ]);
  });

  it('is left when the slice of an event leaves the window, and in the same way after a crash', async () => {
    const { running, feed } = await start(spenders);
    running.clock.sleep(3_000);
    await feed([START, 60, 'a'], [START + 2_500, '40', 'b']);
    await running.crash();
    await running.poll();
    expect(published(await running.advance(6_999))).toEqual([]);
    expect(published(await running.advance(1))).toEqual([
      { audienceKey: 'spenders', member: false, cause: 'time', since: START + 10_000 },
    ]);
  });

  it('has the same members and instants in whatever order the events came', async () => {
    const { running, feed } = await start(spenders);
    running.clock.sleep(3_000);
    await feed([START + 2_500, '40', 'b']);
    expect(memberships(await feed([START + 2_500, '40', 'b'], [START, 60, 'a']))).toMatchObject([
      { member: true, causedBy: 'b', since: '1970-01-01T00:16:42.500Z' },
    ]);
  });

  it('is entered by time alone where the value is how long ago something was', async () => {
    const quiet = audience('quiet', "event('Order Completed').last_at().before_last(4 seconds)");
    const { running, feed } = await start(quiet);
    expect(published(await feed([START, 1, 'a']))).toEqual([]);
    expect(published(await running.advance(4_000))).toEqual([
      { audienceKey: 'quiet', member: true, cause: 'time', since: START + 4_000 },
    ]);
  });

  it('is entered and left by time alone where a trait is an instant to come', async () => {
    const renewing = audience('renewing', "trait('renews_at').within_next(5 seconds)");
    const { running } = await start(renewing);
    const fact = traitFact(new Date(START + 8_000).toISOString(), START);
    await running.feed(TOPICS.fragments, fragments({ 'trait/renews_at': fact, ...home }));
    const changes = [
      ...published(await running.advance(3_000)),
      ...published(await running.advance(5_000)),
    ].map(({ member, cause, since }) => [member, cause, since - START]);
    expect(changes).toEqual([
      [true, 'time', 3_000],
      [false, 'time', 8_000],
    ]);
  });
});
