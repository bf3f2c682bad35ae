import { describe, expect, it, jest } from '@jest/globals';
import { SERVICES } from '@tributary/supervisor';
import { Shopper } from './shopper.js';
import { identifiersOf, PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();

describe('kill -9 in the middle of the scenario', () => {
  it.each(SERVICES)('of %s comes to the same end', async (name) => {
    const audience = `spenders-${name}`;
    await underTest.client.putAudience(
      audience,
      "event('Order Completed').where(property('total') >= 100).within(15 seconds).count() >= 2",
    );
    const shopper = new Shopper(name, underTest.segment());
    await shopper.browses();
    await shopper.signsUpOnLaptop();
    const service = underTest.platform.services[name];
    service.kill('SIGKILL');
    await service.exited;
    if (name !== 'collector') await shopper.logsInOnPhone();
    await service.start();
    const after = new Shopper(name, underTest.segment());
    if (name === 'collector') await after.logsInOnPhone();
    await after.orders(120);
    await after.orders(150);

    const profile = await underTest.profile(
      `user_id:${shopper.userId}`,
      ({ eventCount }) => eventCount === 6,
    );
    expect(identifiersOf(profile)).toEqual(shopper.identifiers);
    const [first = 0, second = 0] = await underTest.orderTimes(shopper.userId, 100);
    const last = await underTest.changesWhen(audience, (changes) =>
      changes.some(({ cause, profileId }) => cause === 'time' && profileId === profile.profileId),
    );
    const settled = last.filter(({ profileId }) => profileId === profile.profileId);
    expect(settled.map(({ change, at, profileId }) => ({ change, at, profileId }))).toEqual([
      { change: 'entered', at: new Date(second).toISOString(), profileId: profile.profileId },
      {
        change: 'exited',
        at: new Date(first + 15_000).toISOString(),
        profileId: profile.profileId,
      },
    ]);
    const left = last.filter(({ profileId }) => profileId !== profile.profileId).at(-1);
    if (left) expect(left).toMatchObject({ change: 'exited', movedTo: profile.profileId });
  });
});
