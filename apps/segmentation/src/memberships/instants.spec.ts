import { afterEach, describe, expect, it } from '@jest/globals';
import { membershipKey, TOPICS } from '@tributary/contracts';
import { DrivenClock, DrivenLogs, type Fed, type ProcessorDriver } from '@tributary/drivers';
import { toInstant } from '@tributary/kernel';
import type { Audience } from '../audiences/audiences-in-force.js';
import {
  aggregateFactOf,
  audience,
  fragments,
  inForce,
  memberships,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const WINDOW_MS = 10_000;
const START = 1_000_000;
const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const shortly = audience('buyers', "event('Order Completed').within(5 seconds).count() >= 1");
const pros = audience('pros', "trait('plan') = 'pro'");
const orders = aggregateFactOf(buyers);
const home = { '@attached': { attached: true } };
const device = { identifier: 'anonymous_id:a' };
const seen = (at: number) => ({ first: at, last: at, count: 1 });

let driver: ProcessorDriver<MembershipsState>;
let audiences: Map<string, Audience>;

afterEach(() => driver.close());

/** Starts where these fragments are in the log already, and this much time has passed since. */
async function start(
  those: readonly Audience[],
  {
    ago = 0,
    facts = [],
    before = [],
  }: { ago?: number; facts?: readonly Fed[]; before?: readonly Fed[] } = {},
): Promise<void> {
  audiences = inForce(...those);
  const clock = new DrivenClock(START);
  const logs = new DrivenLogs(clock);
  logs.write(TOPICS.memberships, before);
  logs.write(TOPICS.fragments, facts);
  clock.sleep(ago);
  driver = await startProcessor(audiences, { clock, logs });
}

const sleep = (ms: number) => {
  driver.clock.sleep(ms);
};
const feed = (...given: Parameters<typeof fragments>) => driver.feed(TOPICS.fragments, fragments(...given));
const define = (key: string, definition: Audience) =>
  audiences.set(`w/${key}`, { ...definition, definedAt: driver.clock.now() });

describe('the instants of one membership', () => {
  it('go forward when an audience is removed and made again', async () => {
    await start([buyers]);
    const all = [...(await feed({ [orders]: [[START, 'm1']], ...home }))];
    sleep(4_000);
    audiences.delete('w/buyers');
    all.push(...(await driver.redefined()));
    sleep(1_000);
    define('buyers', buyers);
    all.push(...(await driver.redefined()));
    sleep(WINDOW_MS + 3 - 5_000);
    all.push(...(await driver.advance(0)));
    expect(published(all)).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: START },
      { audienceKey: 'buyers', member: false, cause: 'definition', since: START + 4_000 },
      { audienceKey: 'buyers', member: true, cause: 'back-fill', since: START + 5_000 },
      { audienceKey: 'buyers', member: false, cause: 'time', since: START + WINDOW_MS },
    ]);
  });

  it('are those at which a new definition took effect, and each says by which definition it is', async () => {
    await start([buyers]);
    const all = [...(await feed({ [orders]: [[START, 'm1']], ...home }))];
    sleep(7_000);
    define('buyers', shortly);
    all.push(...(await driver.redefined()));
    expect(memberships(all)).toEqual([
      expect.objectContaining({ member: true, definitionHash: buyers.definitionHash }),
      expect.objectContaining({
        ...{ member: false, cause: 'definition', since: toInstant(START + 7_000) },
        definitionHash: shortly.definitionHash,
      }),
    ]);
  });

  it('are those at which identity brought people together and took them apart', async () => {
    await start([pros]);
    await feed({ 'trait/plan': traitFact('free', START), ...home });
    sleep(1_000);
    const pro = { 'trait/plan': traitFact('pro', START + 500), ...home };
    const all = [...(await feed(pro, { ...device, assignment: 1 }))];
    sleep(1_000);
    const gone = { '@attached': { attached: false, movedTo: 'q' } };
    all.push(...(await feed(gone, { ...device, assignment: 2 })));
    sleep(1_000);
    all.push(...(await feed(home, { ...device, assignment: 3 })));
    expect(published(all)).toEqual([
      { audienceKey: 'pros', member: true, cause: 'merge', since: START + 1_000 },
      { audienceKey: 'pros', member: false, cause: 'split', since: START + 2_000 },
      { audienceKey: 'pros', member: true, cause: 'merge', since: START + 3_000 },
    ]);
  });

  it('are those of the event that brought together who came and who was there', async () => {
    await start([buyers]);
    await feed({ '@seen': seen(START), ...home }, device);
    sleep(3_000);
    const facts = { [orders]: [[START + 2_000, 'm1']], '@seen': seen(START + 2_000) };
    const link = { 'identifier/anonymous_id:a': seen(START + 2_000) };
    expect(published(await feed({ ...facts, ...link, ...home }, { assignment: 1 }))).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'merge', since: START + 2_000 },
    ]);
  });

  it('do not go back for an event that comes late', async () => {
    await start([pros]);
    await feed({ 'trait/plan': traitFact('pro', START), ...home });
    sleep(5_000);
    audiences.delete('w/pros');
    await driver.redefined();
    sleep(1_000);
    define('pros', pros);
    const [entered] = published(await driver.redefined());
    sleep(1_000);
    const late = traitFact('free', START + 3_000, 'late');
    expect(published(await feed({ 'trait/plan': late }))).toEqual([
      { audienceKey: 'pros', member: false, cause: 'event', since: entered?.since },
    ]);
  });
});

describe('a change that was due while nobody was there', () => {
  it('is of the time and at its deadline, also where the state is read again from the logs', async () => {
    const membership = {
      ...{ workspaceId: 'w', audienceKey: 'buyers', profileId: 'p', definitionHash: buyers.definitionHash },
      ...{ member: true, since: toInstant(START), epoch: 0, cause: 'event', causedBy: 'm1' },
      identifiers: ['user_id:u'],
    };
    const key = membershipKey('w', 'buyers', 'p');
    const headers = { schema: 'membership@1', epoch: '0', sequence: '1' };
    const before = [{ key, value: JSON.stringify(membership), headers }];
    const visited = fragments({ '@seen': seen(START - 5_000), ...home }, device);
    const joined = { first: START - 1_000, last: START, count: 2 };
    const own = { [orders]: [[START, 'm1']], 'identifier/anonymous_id:a': joined, ...home };
    const facts = [...visited, ...fragments(own, { assignment: 1 })];
    await start([buyers], { ago: 60_000, facts, before });
    expect(memberships(await driver.poll(visited.length))).toEqual([]);
    const [exit, ...others] = memberships(await driver.poll());
    expect(others).toEqual([]);
    expect(exit).toMatchObject({ member: false, cause: 'time', since: toInstant(START + WINDOW_MS) });
    expect(exit).not.toHaveProperty('causedBy');
  });

  it('is of the split where somebody left and another came, at the instant at which both are known', async () => {
    await start([pros]);
    await feed({ '@seen': seen(START), ...home });
    await feed({ '@seen': seen(START), ...home }, { identifier: 'anonymous_id:b' });
    const left = fragments(
      { '@attached': { attached: false } },
      { identifier: 'anonymous_id:b', assignment: 1 },
    );
    const pro = { 'trait/plan': traitFact('pro', START + 500), 'identifier/user_id:u': seen(START + 100) };
    const came = fragments({ ...pro, ...home }, { ...device, assignment: 1 });
    driver.logs.write(TOPICS.fragments, [...left, ...came]);
    sleep(60_000);
    await driver.restart();
    const all = [...(await driver.poll(left.length)), ...(await driver.poll())];
    expect(published(all)).toEqual([
      { audienceKey: 'pros', member: true, cause: 'split', since: START + 60_000 },
    ]);
  });

  const facts = fragments({ 'trait/plan': traitFact('pro', START + 40_000, 'm7'), ...home });
  const entered = { member: true, cause: 'event', causedBy: 'm7', since: toInstant(START + 40_000) };

  it('is of the event that made it, where the state knows no definition any more', async () => {
    await start([{ ...pros, definedAt: START + 30_000 }], { ago: 60_000, facts });
    expect(memberships(await driver.poll())).toMatchObject([entered]);
  });

  it('is of the event that made it, where one did', async () => {
    await start([pros]);
    driver.logs.write(TOPICS.fragments, facts);
    sleep(60_000);
    await driver.restart();
    expect(memberships(await driver.poll())).toMatchObject([entered]);
  });
});

describe('the event behind a change', () => {
  it('is one that the audience reads, whatever others came with it', async () => {
    await start([buyers, pros]);
    const facts = {
      [orders]: [[START, 'order']],
      'trait/plan': traitFact('pro', START, 'identify'),
      'trait/age': traitFact(7, START, 'age'),
      ...home,
    };
    expect(memberships(await feed(facts))).toMatchObject([
      { audienceKey: 'buyers', causedBy: 'order' },
      { audienceKey: 'pros', causedBy: 'identify' },
    ]);
  });
});

describe('a profile', () => {
  it('is in no audience before it has an event, and in those that want nothing of it from its first', async () => {
    await start([audience('others', "NOT (trait('plan') = 'pro')")]);
    expect(published(await feed(home))).toEqual([]);
    expect(published(await feed({ '@seen': seen(START) }))).toEqual([
      { audienceKey: 'others', member: true, cause: 'event', since: START },
    ]);
  });
});
