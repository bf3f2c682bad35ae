import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS, type AssignmentMessage } from '@tributary/contracts';
import { identifier, profileIdOf, type Identifier } from '@tributary/kernel';
import { Platform } from '../test/platform.fixture.js';

const [user, email, device, shared, other] = [
  identifier('user_id', 'ann-7f3a'),
  identifier('email', 'ann-7f3a@mail.example'),
  identifier('anonymous_id', 'ann-7f3a-device'),
  identifier('anonymous_id', 'tablet'),
  identifier('user_id', 'bob'),
];
const ann = [user, email, device];
let platform: Platform;

beforeEach(async () => {
  platform = await Platform.start(4);
});
afterEach(() => platform.close());

const assignments = () =>
  platform.compacted(TOPICS.assignments).map((record) => messageOf(record) as AssignmentMessage);
const profileOf = (id: Identifier) =>
  assignments().find((one) => one.identifier === id)?.profileId ?? profileIdOf('w', id);
const isNamed = () =>
  [TOPICS.assignments, TOPICS.resolverState, TOPICS.observationsState]
    .filter((topic) =>
      platform.compacted(topic).some(({ key, value }) => `${key} ${String(value)}`.includes('ann-7f3a')),
    )
    .map(({ name }) => name);

async function settled(): Promise<void> {
  await platform.settle();
  await platform.checkpoint();
}

describe('a person whose identifiers are all erased', () => {
  beforeEach(async () => {
    platform.write([user, email, device], [device]);
    await settled();
  });

  it('is in no compacted topic of identity after, nor in its states', async () => {
    expect(isNamed()).toHaveLength(3);
    platform.erase(...ann);
    await settled();
    expect(isNamed()).toEqual([]);
    expect(JSON.stringify(platform.states())).not.toContain('ann-7f3a');
  });

  it('begins anew as somebody else with the next event, also where the erasure is read again after a crash', async () => {
    platform.erase(...ann);
    await platform.settle();
    await platform.crash();
    platform.write([user, other]);
    platform.write([device, shared]);
    await settled();
    expect(profileOf(device)).toBe(profileOf(shared));
    expect(new Set([user, device, email].map(profileOf)).size).toBe(3);
    expect(assignments().some(({ identifier: id }) => id === email)).toBe(false);
  });

  it('does not come back by an event of before that comes late', async () => {
    platform.erase(...ann);
    await settled();
    platform.writeAt(0, [user, email], [other, email]);
    await settled();
    expect(isNamed()).toEqual([]);
  });
});

describe('a person who is erased and shared a device with somebody who stays', () => {
  it('is forgotten by the device as well, which stays with the other', async () => {
    platform.write([user, email, device], [other, shared], [user, shared]);
    await settled();
    expect(profileOf(shared)).toBe(profileOf(other));
    platform.erase(...ann);
    await settled();
    expect(isNamed()).toEqual([]);
    expect(profileOf(shared)).toBe(profileOf(other));
  });

  it('leaves a device that is erased to whoever uses it after, also who used it before', async () => {
    platform.write([user, device], [other, device]);
    await settled();
    expect(profileOf(other)).not.toBe(profileOf(device));
    platform.erase(user, device);
    await settled();
    expect(isNamed()).toEqual([]);
    platform.write([other, device]);
    await settled();
    expect(profileOf(device)).toBe(profileOf(other));
  });
});
