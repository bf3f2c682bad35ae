import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  fragmentKey,
  messageOf,
  TOPICS,
  type EmptyProfileMessage,
  type FragmentMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { ProcessorDriver, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import { PROFILES } from './profiles.module.js';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import type { TraitInForce } from '../traits/traits-in-force.js';
import type { ProfilesState } from './profiles.processor.js';

let driver: ProcessorDriver<ProfilesState>;
const definitions = { all: new Map<string, TraitInForce>(), borders: new Map(), known: ALL_KNOWN };

async function start(everyMs = 0): Promise<void> {
  const config = {
    PROFILE_BUILDER_CACHE_BYTES: 100,
    PROFILE_BUILDER_GATHER_MS: 0,
    PROFILE_BUILDER_PUBLISH_MS: everyMs,
  };
  driver = await ProcessorDriver.declared(PROFILES, { config, definitions, partition: 3, partitions: 4 });
}

beforeEach(() => start());
afterEach(() => driver.close());

function fragment(fact: string, version: readonly [number, number], value: unknown): Fed {
  const facts = { [fact]: { version, value } };
  const said = { workspaceId: 'w', profileId: 'p', identifier: 'user_id:u', facts };
  const key = fragmentKey('w', 'p', 'user_id:u', groupOfFact(fact));
  return { key, value: JSON.stringify(said), headers: { schema: 'fragment@1' } };
}

const feed = (...facts: Fed[]) => driver.feed(TOPICS.fragments, facts);
const home = (version: readonly [number, number]) => fragment('@attached', version, { attached: true });
const seen = (version: readonly [number, number]) =>
  fragment('@seen', version, { count: version[1], first: 1, last: version[1] });
const again = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.fragments.name)
    .map((record) => {
      const { facts } = messageOf(record) as FragmentMessage;
      return {
        partition: record.partition,
        seen: facts['@seen']?.version,
        others: Object.keys(facts).length - 1,
      };
    });

describe('a fact of a lower version behind a higher one', () => {
  it('is buried again by what is held, in its own partition', async () => {
    await feed(home([0, 1]), seen([0, 9]));
    expect(again(await feed(seen([0, 4])))).toEqual([{ partition: 3, seen: [0, 9], others: 1 }]);
  });

  it('is left alone when the higher one follows, as in a replay, and when the version is the same', async () => {
    await feed(home([0, 1]), seen([0, 9]));
    expect(again(await feed(seen([0, 4]), seen([0, 9])))).toEqual([]);
  });
});

const profilesIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.profiles.name)
    .map((record) => messageOf(record) as ProfileMessage | MergedProfileMessage | EmptyProfileMessage);

describe('a profile that said something else for a moment', () => {
  it('says again what it says, under a higher version, where the moment is read in one go after a crash', async () => {
    const left = (version: readonly [number, number], movedTo: string) =>
      fragment('@attached', version, { attached: false, movedTo });
    await feed(left([1, -1], 'there'));
    expect(profilesIn(await feed(left([2, -1], 'away')))).toMatchObject([{ mergedInto: 'away', version: 1 }]);
    await driver.crash();
    expect(profilesIn(await driver.poll(1))).toMatchObject([{ mergedInto: 'there', version: 0 }]);
    expect(profilesIn(await feed(left([3, -1], 'there')))).toMatchObject([
      { mergedInto: 'there', version: 2 },
    ]);
  });

  it('publishes nothing for facts that it does not show', async () => {
    await feed(home([0, 1]), seen([0, 9]));
    expect(profilesIn(await feed(fragment('aggregate/1a', [0, 10], [[1, 'm']])))).toEqual([]);
  });
});

describe('a profile in which nobody has events', () => {
  const of = (identifier: string, fact: string, version: readonly [number, number], value: unknown): Fed => {
    const facts = { [fact]: { version, value } };
    const said = { workspaceId: 'w', profileId: 'p', identifier, facts };
    const key = fragmentKey('w', 'p', identifier, groupOfFact(fact));
    return { key, value: JSON.stringify(said), headers: { schema: 'fragment@1' } };
  };
  const born = of('email:e', '@attached', [-1, -1], { attached: true });

  it('says nothing where nobody ever had any', async () => {
    expect(profilesIn(await feed(born))).toEqual([]);
  });

  it('says that it is empty once those have left who had', async () => {
    await feed(born, home([4, -1]), seen([4, 9]));
    const gone = fragment('@attached', [5, -1], { attached: false, movedTo: 'q' });
    expect(profilesIn(await feed(gone))).toMatchObject([{ profileId: 'p', empty: true }]);
  });

  it('takes back that it was merged when somebody comes back', async () => {
    await feed(of('email:e', '@attached', [3, -1], { attached: false, movedTo: 'q' }));
    const back = of('email:e', '@attached', [7, -1], { attached: true });
    expect(profilesIn(await feed(back))).toMatchObject([{ profileId: 'p', empty: true }]);
  });
});

describe('a profile that another wrote over', () => {
  it('is published again as it was', async () => {
    const [first] = await feed(home([0, 1]), seen([0, 9]));
    const { topic, key, headers, value } = first!;
    expect(driver.republish(TOPICS.profiles, 'w/p')).toEqual({ topic, key, headers, value: String(value) });
    // Of whom nothing is known here, whatever the other wrote is to go.
    expect(driver.republish(TOPICS.profiles, 'w/unknown')).toMatchObject({ key: 'w/unknown', value: null });
  });
});

describe('a profile that is read', () => {
  const read = () => JSON.parse(driver.read('w/p') ?? 'null') as Partial<ProfileMessage> | null;

  beforeEach(async () => {
    await driver.close();
    await start(60_000);
  });

  it('is as it is now, published or not, and is not published by that', async () => {
    const [first] = profilesIn(await feed(home([0, 1]), seen([0, 1])));
    expect(read()).toEqual(first);
    expect(profilesIn(await feed(seen([0, 2])))).toEqual([]);
    expect(read()).toMatchObject({ profileId: 'p', eventCount: 2, version: 2 });
    const [published] = profilesIn(await driver.advance(61_000));
    expect(read()).toEqual(published);
    await driver.restart();
    expect(read()).toEqual(published);
  });

  it('says where it was merged into, and is not there where nobody has events, or it never was', async () => {
    expect(read()).toBeNull();
    await feed(home([4, -1]), seen([4, 9]));
    await feed(fragment('@attached', [5, -1], { attached: false, movedTo: 'q' }));
    expect(read()).toMatchObject({ profileId: 'p', mergedInto: 'q' });
  });
});

describe('a profile that changes often', () => {
  const counts = (outputs: readonly LogRecord[]) =>
    profilesIn(outputs).map((profile) => ('eventCount' in profile ? profile.eventCount : profile));

  beforeEach(async () => {
    await driver.close();
    await start(1_000);
  });

  it('is published at once, and then once a second as it is by then', async () => {
    expect(counts(await feed(home([0, 1]), seen([0, 1])))).toEqual([1]);
    for (const n of [2, 3, 4]) expect(counts(await feed(seen([0, n])))).toEqual([]);
    expect(counts(await driver.advance(1_100))).toEqual([4]);
    expect(counts(await feed(seen([0, 5])))).toEqual([]);
    expect(counts(await driver.advance(1_100))).toEqual([5]);
    expect(counts(await driver.advance(60_000))).toEqual([]);
    expect(counts(await feed(seen([0, 6])))).toEqual([6]);
  });

  it.each(['restart', 'crash'] as const)(
    'is published as it was at the checkpoint after a %s',
    async (end) => {
      await feed(home([0, 1]), seen([0, 1]));
      await feed(seen([0, 2]));
      if (end === 'crash') {
        // The turn comes after the checkpoint, and nothing is kept of it.
        expect(counts(await driver.restart())).toEqual([2]);
        await feed(seen([0, 3]), seen([0, 4]));
        expect(counts(await driver.crash())).toEqual([2]);
        expect(counts([...(await driver.poll()), ...(await driver.advance(1_100))]).at(-1)).toBe(4);
      } else {
        expect(counts(await driver.restart())).toEqual([2]);
        expect(counts(await driver.advance(1_100))).toEqual([]);
      }
    },
  );
});
