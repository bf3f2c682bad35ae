import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { membershipKey, TOPICS, type MembershipMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { KeyedState, PartitionStore } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audience,
  batch,
  inForce,
  aggregateFactOf,
  memberships,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const WINDOW_MS = 10_000;
const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const shortly = audience('buyers', "event('Order Completed').within(5 seconds).count() >= 1");
const pros = audience('pros', "trait('plan') = 'pro'");
const orders = aggregateFactOf(buyers);

let dir: string;
let store: PartitionStore;
let now: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'instants-'));
  store = await PartitionStore.open(dir);
  now = 1_000_000;
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const clock = () => now;

describe('the instants of one membership', () => {
  it('go forward when an audience is removed and made again', async () => {
    const audiences = inForce(buyers);
    const { processor } = await startProcessor(store, { now: clock, audiences });
    const ordered = now;
    const all = [
      ...published(processor.handle(batch({ [orders]: [[ordered, 'm1']], '@attached': { attached: true } }))),
    ];
    now += 4_000;
    audiences.delete('w/buyers');
    all.push(...published(processor.redefined()));
    now += 1_000;
    audiences.set('w/buyers', { ...buyers, definedAt: now });
    all.push(...published(processor.redefined()));
    now = ordered + WINDOW_MS + 3;
    all.push(...published(processor.wake()));
    expect(all).toEqual([
      { audienceKey: 'buyers', member: true, cause: 'event', since: ordered },
      { audienceKey: 'buyers', member: false, cause: 'definition', since: ordered + 4_000 },
      { audienceKey: 'buyers', member: true, cause: 'definition', since: ordered + 5_000 },
      { audienceKey: 'buyers', member: false, cause: 'time', since: ordered + WINDOW_MS },
    ]);
  });

  it('are those at which a new definition took effect, and each says by which definition it is', async () => {
    const audiences = inForce(buyers);
    const { processor } = await startProcessor(store, { now: clock, audiences });
    const ordered = now;
    const all = [
      ...memberships(
        processor.handle(batch({ [orders]: [[ordered, 'm1']], '@attached': { attached: true } })),
      ),
    ];
    now += 7_000;
    audiences.set('w/buyers', { ...shortly, definedAt: now });
    all.push(...memberships(processor.redefined()));
    expect(all).toEqual([
      expect.objectContaining({ member: true, definitionHash: buyers.definitionHash }),
      expect.objectContaining({
        ...{ member: false, cause: 'definition', since: toInstant(ordered + 7_000) },
        definitionHash: shortly.definitionHash,
      }),
    ]);
  });

  it('are those at which identity brought people together and took them apart', async () => {
    const { processor } = await startProcessor(store, { now: clock, audiences: inForce(pros) });
    const first = now;
    const device = { identifier: 'anonymous_id:a' };
    processor.handle(batch({ 'trait/plan': traitFact('free', first), '@attached': { attached: true } }));
    now += 1_000;
    const plan = traitFact('pro', first + 500);
    const all = [
      ...published(
        processor.handle(
          batch({ 'trait/plan': plan, '@attached': { attached: true } }, { ...device, assignment: 1 }),
        ),
      ),
    ];
    now += 1_000;
    const gone = { attached: false, movedTo: 'q' };
    all.push(...published(processor.handle(batch({ '@attached': gone }, { ...device, assignment: 2 }))));
    now += 1_000;
    all.push(
      ...published(
        processor.handle(batch({ '@attached': { attached: true } }, { ...device, assignment: 3 })),
      ),
    );
    expect(all).toEqual([
      { audienceKey: 'pros', member: true, cause: 'merge', since: first + 1_000 },
      { audienceKey: 'pros', member: false, cause: 'split', since: first + 2_000 },
      { audienceKey: 'pros', member: true, cause: 'merge', since: first + 3_000 },
    ]);
  });

  it('are those of the event that brought together who came and who was there', async () => {
    const { processor } = await startProcessor(store, { now: clock, audiences: inForce(buyers) });
    const seen = (at: number) => ({ first: at, last: at, count: 1 });
    const home = { attached: true };
    const visited = now;
    processor.handle(batch({ '@seen': seen(visited), '@attached': home }, { identifier: 'anonymous_id:a' }));
    now += 3_000;
    const facts = { [orders]: [[visited + 2_000, 'm1']], '@seen': seen(visited + 2_000) };
    const link = { 'identifier/anonymous_id:a': seen(visited + 2_000) };
    expect(
      published(processor.handle(batch({ ...facts, ...link, '@attached': home }, { assignment: 1 }))),
    ).toEqual([{ audienceKey: 'buyers', member: true, cause: 'merge', since: visited + 2_000 }]);
  });

  it('do not go back for an event that comes late', async () => {
    const audiences = inForce(pros);
    const { processor } = await startProcessor(store, { now: clock, audiences });
    processor.handle(batch({ 'trait/plan': traitFact('pro', now), '@attached': { attached: true } }));
    now += 5_000;
    audiences.delete('w/pros');
    processor.redefined();
    now += 1_000;
    audiences.set('w/pros', { ...pros, definedAt: now });
    const [entered] = published(processor.redefined());
    now += 1_000;
    const late = traitFact('free', now - 4_000, 'late');
    expect(published(processor.handle(batch({ 'trait/plan': late })))).toEqual([
      { audienceKey: 'pros', member: false, cause: 'event', since: entered?.since },
    ]);
  });
});

describe('a change that was due while nobody was there', () => {
  /** What was published before, as the log has it. */
  const record = (membership: Omit<MembershipMessage, 'workspaceId' | 'audienceKey' | 'profileId'>) =>
    ({
      ...{ topic: TOPICS.memberships.name, partition: 0, offset: 1, headers: {}, timestamp: now },
      key: membershipKey('w', 'buyers', 'p'),
      value: Buffer.from(
        JSON.stringify({ workspaceId: 'w', audienceKey: 'buyers', profileId: 'p', ...membership }),
      ),
    }) satisfies LogRecord;

  it('is of the time and at its deadline, also where the state is read again from the logs', async () => {
    const ordered = now;
    const before = record({
      ...{ member: true, since: toInstant(ordered), epoch: 0, cause: 'event', causedBy: 'm1' },
      definitionHash: buyers.definitionHash,
      identifiers: ['user_id:u'],
    });
    now = ordered + 60_000;
    const visit = { first: ordered - 5_000, last: ordered - 5_000, count: 1 };
    const visited = batch(
      { '@seen': visit, '@attached': { attached: true } },
      { identifier: 'anonymous_id:a' },
    );
    const joined = { first: ordered - 1_000, last: ordered, count: 2 };
    const own = {
      [orders]: [[ordered, 'm1']],
      'identifier/anonymous_id:a': joined,
      '@attached': { attached: true },
    };
    const facts = batch(own, { assignment: 1 });
    const { processor } = await startProcessor(store, {
      now: clock,
      audiences: inForce(buyers),
      readMemberships: (_partition, _from, _to, onRecord) => {
        onRecord(before);
        return Promise.resolve();
      },
      fragmentsEnd: () => Promise.resolve(facts.endOffset),
    });
    expect(processor.handle(visited).flat()).toEqual([]);
    const [exit, ...others] = memberships(processor.handle(facts));
    expect(others).toEqual([]);
    expect(exit).toMatchObject({ member: false, cause: 'time', since: toInstant(ordered + WINDOW_MS) });
    expect(exit).not.toHaveProperty('causedBy');
  });

  it('is of the split where somebody left and another came, at the instant at which both are known', async () => {
    const seen = (at: number) => ({ first: at, last: at, count: 1 });
    const link = { 'identifier/user_id:u': seen(now + 100) };
    const home = { '@attached': { attached: true } };
    const pro = { 'trait/plan': traitFact('pro', now + 500), ...link, ...home };
    const gone = { '@attached': { attached: false } };
    const before = { now: clock, audiences: inForce(pros) };
    const state = new KeyedState<MembershipsState>(store, 100);
    const { processor: former } = await startProcessor(store, before, state);
    former.handle(batch({ '@seen': seen(now), ...home }));
    former.handle(batch({ '@seen': seen(now), ...home }, { identifier: 'anonymous_id:b' }));
    const left = batch(gone, { identifier: 'anonymous_id:b', assignment: 1 });
    const came = batch(pro, { identifier: 'anonymous_id:a', assignment: 1 });
    now += 60_000;
    const fragmentsEnd = () => Promise.resolve(came.endOffset);
    const { processor } = await startProcessor(store, { ...before, fragmentsEnd }, state);
    expect([left, came].flatMap((each) => published(processor.handle(each)))).toEqual([
      { audienceKey: 'pros', member: true, cause: 'split', since: now },
    ]);
  });

  it('is of the event that made it, where the state knows no definition any more', async () => {
    now += 60_000;
    const facts = batch({
      'trait/plan': traitFact('pro', now - 20_000, 'm7'),
      '@attached': { attached: true },
    });
    const { processor } = await startProcessor(store, {
      now: clock,
      audiences: inForce({ ...pros, definedAt: now - 30_000 }),
      fragmentsEnd: () => Promise.resolve(facts.endOffset),
    });
    expect(memberships(processor.handle(facts))).toMatchObject([
      { member: true, cause: 'event', causedBy: 'm7', since: toInstant(now - 20_000) },
    ]);
  });

  it('is of the event that made it, where one did', async () => {
    now += 60_000;
    const facts = batch({
      'trait/plan': traitFact('pro', now - 20_000, 'm7'),
      '@attached': { attached: true },
    });
    const options = { now: clock, audiences: inForce(pros) };
    const state = new KeyedState<MembershipsState>(store, 100);
    await startProcessor(store, options, state);
    const fragmentsEnd = () => Promise.resolve(facts.endOffset);
    const { processor } = await startProcessor(store, { ...options, fragmentsEnd }, state);
    expect(memberships(processor.handle(facts))).toMatchObject([
      { member: true, cause: 'event', causedBy: 'm7', since: toInstant(now - 20_000) },
    ]);
  });
});

describe('the event behind a change', () => {
  it('is one that the audience reads, whatever others came with it', async () => {
    const { processor } = await startProcessor(store, { now: clock, audiences: inForce(buyers, pros) });
    const facts = {
      [orders]: [[now, 'order']],
      'trait/plan': traitFact('pro', now, 'identify'),
      'trait/age': traitFact(7, now, 'age'),
      '@attached': { attached: true },
    };
    expect(memberships(processor.handle(batch(facts)))).toMatchObject([
      { audienceKey: 'buyers', causedBy: 'order' },
      { audienceKey: 'pros', causedBy: 'identify' },
    ]);
  });
});

describe('a profile', () => {
  it('is in no audience before it has an event, and in those that want nothing of it from its first', async () => {
    const others = audience('others', "NOT (trait('plan') = 'pro')");
    const { processor } = await startProcessor(store, { now: clock, audiences: inForce(others) });
    expect(published(processor.handle(batch({ '@attached': { attached: true } })))).toEqual([]);
    const seen = { first: now, last: now, count: 1 };
    expect(published(processor.handle(batch({ '@seen': seen })))).toEqual([
      { audienceKey: 'others', member: true, cause: 'event', since: now },
    ]);
  });
});
