import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  fragmentKey,
  membershipKey,
  messageOf,
  TOPICS,
  type AudienceChangeMessage,
} from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import {
  audience,
  fragments,
  inForce,
  published,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const START = 1_000_000;
const pros = audience('pros', "trait('plan') = 'pro'");
let driver: ProcessorDriver<MembershipsState>;

beforeEach(async () => {
  driver = await startProcessor(inForce(pros));
  await enter();
});
afterEach(() => driver.close());

const enter = () =>
  driver.feed(TOPICS.fragments, [
    ...fragments({ 'trait/plan': traitFact('pro', START) }),
    ...fragments({ '@attached': { attached: true } }),
  ]);
const removals = ['traits', '@'].map((group) => ({
  ...{ key: fragmentKey('w', 'p', 'user_id:u', group), value: null },
  headers: { schema: 'fragment@1' },
}));
const erase = () => driver.feed(TOPICS.fragments, removals);
const KEY = membershipKey('w', 'pros', 'p');
const lastOfKey = () =>
  driver.logs
    .records(TOPICS.memberships, 0)
    .filter(({ key }) => key === KEY)
    .at(-1);
const changesTold = () =>
  driver.logs
    .records(TOPICS.changes, 0)
    .filter(({ headers }) => headers.schema === 'audience-change@1')
    .map((record) => messageOf(record) as AudienceChangeMessage);

describe('a profile of which everybody was forgotten', () => {
  it('leaves, with the cause and without identifiers, and is nowhere then', async () => {
    const outputs = await erase();
    expect(published(outputs.filter(({ value }) => value !== null))).toMatchObject([
      { audienceKey: 'pros', member: false, cause: 'erasure' },
    ]);
    expect(changesTold().at(-1)).toMatchObject({ change: 'exited', cause: 'erasure', identifiers: [] });
    expect(lastOfKey()?.value).toBeNull();
    expect(driver.state.get('w/p')).toBeUndefined();
  });

  it('leaves once, whatever becomes of the processor meanwhile', async () => {
    await driver.restart();
    await erase();
    await driver.crash();
    await driver.poll();
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(changesTold().filter(({ change }) => change === 'exited')).toHaveLength(1);
    expect(lastOfKey()?.value).toBeNull();
    expect(driver.state.get('w/p')).toBeUndefined();
  });

  it('is somebody new when they come back', async () => {
    await erase();
    expect(published(await enter())).toMatchObject([{ audienceKey: 'pros', member: true }]);
    expect(changesTold().map(({ change }) => change)).toEqual(['entered', 'exited', 'entered']);
  });
});
