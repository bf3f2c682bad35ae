import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { DrivenClock, DrivenLogs, type ProcessorDriver } from '@tributary/drivers';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  aggregateFactOf,
  audience,
  fragments,
  goingThrough,
  inForce,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState, PartitionState, ProfileState } from './profile-state.js';

const START = 1_000_000;
const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const payers = audience('payers', "event('Payment').count() >= 1");
const pros = audience('pros', "trait('plan') = 'pro'");
const home = { '@attached': { attached: true } };
const seen = (first: number, last: number, count: number) => ({ first, last, count });

let audiences: Map<string, Audience>;
let driver: ProcessorDriver<MembershipsState>;
beforeEach(async () => {
  audiences = inForce(buyers, pros);
  driver = await startProcessor(audiences);
});
afterEach(() => driver.close());

const feed = async (...given: Parameters<typeof fragments>) =>
  published(await driver.feed(TOPICS.fragments, fragments(...given)));
const profile = () => driver.state.get('w/p') as ProfileState;
const partition = () => driver.state.get('@partition') as PartitionState;

describe('a fact of which nothing follows', () => {
  const known = {
    '@seen': seen(START, START, 1),
    'identifier/anonymous_id:a': seen(START, START, 1),
    ...home,
  };

  it('writes no state where an identifier was only seen again', async () => {
    await feed(known);
    await driver.restart();
    await feed({ '@seen': seen(START, START + 5, 2) });
    await feed({ 'identifier/anonymous_id:a': seen(START, START + 5, 2) });
    expect([...driver.state.changed()].map(({ key }) => key)).not.toContain('w/p');
  });

  it('counts where the identifier was seen first at an earlier time, or is gone', async () => {
    await feed(known);
    await driver.restart();
    await feed({ 'identifier/anonymous_id:a': seen(START - 5, START + 5, 2) });
    expect(profile().fragments['user_id:u']?.['identifier/anonymous_id:a']?.value).toMatchObject({
      first: START - 5,
    });
  });

  it('evaluates nothing where no definition in force reads it, and is kept for one that comes later', async () => {
    let evaluations = 0;
    const watched = {
      ...pros,
      definitionHash: 'watched',
      get definition() {
        evaluations += 1;
        return pros.definition;
      },
    };
    audiences.set('w/pros', watched);
    await driver.redefined();
    await feed({ 'trait/plan': traitFact('free', START), ...home });
    expect(evaluations).toBeGreaterThan(0);
    evaluations = 0;
    await feed({ [aggregateFactOf(payers)]: [[START, 'm1']], 'trait/age': traitFact(7, START) });
    await feed({ [aggregateFactOf(buyers)]: [[START, 'm2']] });
    expect(evaluations).toBe(0);
    audiences.set('w/payers', payers);
    audiences.set('w/old', audience('old', "trait('age') = 7"));
    expect(published(await driver.redefined())).toMatchObject([
      { audienceKey: 'payers', member: true },
      { audienceKey: 'old', member: true },
    ]);
    expect(evaluations).toBe(0);
    await feed({ 'trait/plan': traitFact('pro', START, 'n') });
    expect(evaluations).toBeGreaterThan(0);
  });
});

/** Logs that note how many memberships each request brings. */
class CountingLogs extends DrivenLogs {
  requests: number[] = [];

  override send(records: readonly OutgoingRecord[], onTaken?: (record: LogRecord) => void) {
    const memberships = records.filter(({ headers }) => headers?.schema === 'membership@1');
    if (memberships.length > 0) this.requests.push(memberships.length);
    return super.send(records, onTaken);
  }
}

describe('what concerns many', () => {
  const people = Array.from({ length: 10 }, (_, i) => `p${i}`);
  const more = audience('more', "event('Order Completed').within(10 seconds).count() < 5");
  let logs: CountingLogs;
  let scans: number[];

  beforeEach(async () => {
    await driver.close();
    const clock = new DrivenClock(START);
    logs = new CountingLogs(clock);
    scans = [];
    const onScans = (_: number, count: number) => scans.push(count);
    driver = await startProcessor(audiences, { clock, logs }, goingThrough(3, onScans));
    for (const profileId of people) {
      const facts = { [aggregateFactOf(buyers)]: [[START, profileId]], ...home };
      await driver.feed(TOPICS.fragments, fragments(facts, { profileId }));
    }
    logs.requests = [];
  });

  /** It is published three people at a time, and then nothing more. */
  const comesInParts = async () => {
    await driver.advance(100);
    expect(logs.requests.reduce((sum, count) => sum + count, 0)).toBe(people.length);
    expect(Math.max(...logs.requests)).toBeLessThanOrEqual(3);
    logs.requests = [];
    await driver.advance(100);
    expect(logs.requests).toEqual([]);
  };

  it('comes in parts: a new definition, and one that is gone', async () => {
    audiences.set('w/more', more);
    scans = [];
    await driver.redefined();
    await comesInParts();
    expect(scans).toEqual([1, 1, 1, 1, 1, 0]);
    audiences.delete('w/more');
    await driver.redefined();
    await comesInParts();
  });

  it('comes in parts: windows that passed in an outage', async () => {
    driver.clock.sleep(60_000);
    await comesInParts();
  });

  it('comes in parts: those who are evaluated after a catch-up', async () => {
    await driver.advance(60_000);
    const facts = people.flatMap((profileId) =>
      fragments({ [aggregateFactOf(buyers)]: [[driver.clock.now(), 'n']] }, { profileId }),
    );
    driver.logs.write(TOPICS.fragments, facts);
    await driver.restart();
    logs.requests = [];
    await driver.poll();
    await comesInParts();
  });

  it('goes on where it was after a restart, and begins no second time', async () => {
    audiences.set('w/more', more);
    await driver.redefined();
    await driver.restart();
    expect(Object.values(partition().scans)).toMatchObject([
      { cursor: expect.stringMatching(/^w/) as unknown },
    ]);
    await comesInParts();
    expect(partition()).toEqual({
      evaluatedBy: Object.fromEntries([...audiences].map(([id, { definitionHash }]) => [id, definitionHash])),
      scans: {},
    });
  });
});
