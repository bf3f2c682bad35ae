import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();
const PEOPLE = 30;
const REGULARS = "event('Order Completed').count() >= 2";
const THRICE = "event('Order Completed').count() >= 3";

/** The n-th person orders n mod 4 times. */
const ordersOf = (n: number) => n % 4;
const userOf = (n: number) => `user-${n}`;
const people = Array.from({ length: PEOPLE }, (_, n) => n);

async function order(users: readonly string[]): Promise<void> {
  const sdk = underTest.segment();
  for (const userId of users) {
    sdk.track({ userId, event: 'Order Completed', properties: { total: 10 } });
    await sdk.flush();
  }
}

const userIdsOf = (changes: readonly { readonly identifiers: readonly string[] }[]) =>
  changes.flatMap(({ identifiers }) => identifiers.map((id) => id.replace('user_id:', ''))).sort();
const stateOf = async (key: string) => {
  const { state, progress } = (await underTest.client.ask('GET', `/v1/audiences/${key}`)) as {
    readonly state: string;
    readonly progress: number;
  };
  return { state, progress };
};

describe('an audience that is defined after things happened', () => {
  it('tells those whom its past makes members, each once, beside live events and while ClickHouse pauses', async () => {
    await order(people.flatMap((n) => Array.from({ length: ordersOf(n) }, () => userOf(n))));
    const clickhouse = underTest.platform.processes().get('clickhouse');
    if (clickhouse === undefined) throw new Error('the platform has no ClickHouse of its own');
    process.kill(clickhouse, 'SIGSTOP');
    const put = underTest.client.putAudience('regulars', REGULARS);
    try {
      // Somebody who had one order makes another meanwhile, and somebody new two.
      await order([userOf(1), 'newcomer', 'newcomer']);
      expect(await underTest.read(TOPICS.changes, 'audience-change@1')).toEqual([]);
    } finally {
      process.kill(clickhouse, 'SIGCONT');
    }
    await put;
    await eventually(async () => (await stateOf('regulars')).state === 'live', { withinMs: 40_000 });
    expect(await stateOf('regulars')).toEqual({ state: 'live', progress: 1 });

    const regulars = people.filter((n) => ordersOf(n) >= 2 || n === 1).map(userOf);
    const expected = [...regulars, 'newcomer'].sort();
    const changes = await underTest.changesOf('regulars', expected.length);
    expect(userIdsOf(changes)).toEqual(expected);
    expect(new Set(changes.map(({ change, cause }) => `${change} ${cause}`))).toContain('entered back-fill');
    await eventually(async () => (await underTest.client.members('regulars')).length === expected.length);

    await order([userOf(5)]);
    const more = await underTest.changesOf('regulars', expected.length + 1);
    expect(more.at(-1)).toMatchObject({ change: 'entered', cause: 'event' });
    expect(userIdsOf(more)).toEqual([...expected, userOf(5)].sort());
  });

  it('tells the difference alone when more is asked', async () => {
    const before = await underTest.changesOf('regulars', 1);
    await underTest.client.putAudience('regulars', THRICE);
    await eventually(async () => (await stateOf('regulars')).state === 'live', { withinMs: 40_000 });
    const stay = people.filter((n) => ordersOf(n) === 3).map(userOf);
    const leave = userIdsOf(before).filter((user) => !stay.includes(user));
    const after = (await underTest.changesOf('regulars', before.length + leave.length)).slice(before.length);
    expect(userIdsOf(after)).toEqual([...leave].sort());
    expect(new Set(after.map(({ change, cause }) => `${change} ${cause}`))).toEqual(
      new Set(['exited definition']),
    );
    expect(await underTest.changesOf('regulars', 1)).toHaveLength(before.length + leave.length);
  });
});
