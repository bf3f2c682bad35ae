import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS } from '@tributary/contracts';
import { DrivenClock, DrivenLogs, RefusedError, type Fed, type ProcessorDriver } from '@tributary/drivers';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import {
  audience,
  changes as changesIn,
  fragments,
  inForce,
  memberships,
  startProcessor,
  traitFact,
} from '../../test/memberships.fixture.js';
import type { MembershipsState } from './memberships.processor.js';

const START = 1_000_000;
const DAY_MS = 86_400_000;
const audiences = inForce(
  audience('pros', "trait('plan') = 'pro'"),
  audience('others', "NOT (trait('plan') = 'pro')"),
);
const home = { '@attached': { attached: true } };

/** Logs in which another writes just before certain records of an owner are taken. */
class SharedLogs extends DrivenLogs {
  before: (record: OutgoingRecord) => void = () => undefined;

  override send(records: readonly OutgoingRecord[], onTaken?: (record: LogRecord) => void) {
    records.forEach((record) => {
      this.before(record);
    });
    return super.send(records, onTaken);
  }
}

let clock: DrivenClock;
let logs: SharedLogs;
let driver: ProcessorDriver<MembershipsState>;

beforeEach(async () => {
  clock = new DrivenClock(START);
  logs = new SharedLogs(clock);
  driver = await startProcessor(audiences, { clock, logs });
});
afterEach(() => driver.close());

let at = START;
const plan = (value: string): readonly Fed[] => {
  at += 1;
  return fragments({ 'trait/plan': traitFact(value, at), ...home });
};
const feed = (value: string) => driver.feed(TOPICS.fragments, plan(value));
const told = () =>
  changesIn(logs.records(TOPICS.changes)).map(
    ({ id, audienceKey, change }) => `${id} ${change} ${audienceKey}`,
  );
const toldRecords = () =>
  logs.records(TOPICS.memberships).filter(({ headers }) => headers.schema === 'told@1');

/** Publishes until so many records are taken, and crashes of it. */
async function cutOff(value: string, records: number, disk: 'kept' | 'lost' = 'kept'): Promise<void> {
  logs.refuseAfter(records);
  await expect(feed(value)).rejects.toThrow(RefusedError);
  logs.refuseAfter(Infinity);
  await driver.crash({ disk });
}

const PRO = ['0-0-1 entered pros'];
const FREE = [...PRO, '0-0-2 exited pros', '0-0-3 entered others'];

describe('the owner of a partition', () => {
  it('tells a membership, and then its change under the place of the membership’s record', async () => {
    const published = await feed('pro');
    expect(published.map(({ topic, headers }) => [topic, headers.epoch, headers.sequence])).toEqual([
      [TOPICS.memberships.name, '0', '1'],
      [TOPICS.changes.name, '0', '1'],
    ]);
    expect(told()).toEqual(PRO);
  });

  it('says once a checkpoint how far it has told, and not again while nothing is', async () => {
    await feed('pro');
    await feed('free');
    await driver.restart();
    await driver.advance(0);
    expect(toldRecords().map(messageOf)).toEqual([
      { workspaceId: '@', epoch: 0, sequence: 3, changesOffset: 5, changesSequence: 0 },
    ]);
    await driver.advance(60_000);
    expect(toldRecords()).toHaveLength(1);
  });
});

describe('a crash between a membership and its change', () => {
  it.each(['kept', 'lost'] as const)(
    'leaves the change to the next owner, with a disk that is %s',
    async (disk) => {
      await feed('pro');
      await cutOff('free', 2, disk);
      expect(told()).toEqual(FREE);
      await driver.poll();
      await feed('pro');
      expect(told().slice(FREE.length)).toEqual([
        expect.stringContaining('entered pros'),
        expect.stringContaining('exited others'),
      ]);
    },
  );

  it('leaves what was told of a step, and only that', async () => {
    await feed('pro');
    await cutOff('free', 3);
    await driver.poll();
    expect(told()).toEqual(FREE);
  });

  it('leaves it to the one after the next, where that one crashes of telling it', async () => {
    await feed('pro');
    logs.refuseAfter(2);
    await expect(feed('free')).rejects.toThrow(RefusedError);
    for (const records of [0, 1, 2, 3, 4]) {
      logs.refuseAfter(records);
      await expect(driver.crash()).rejects.toThrow(RefusedError);
    }
    logs.refuseAfter(Infinity);
    await driver.crash();
    await driver.poll();
    expect(told()).toEqual(FREE);
  });
});

describe('a partition on an empty disk', () => {
  it('tells no change again', async () => {
    await feed('pro');
    await feed('free');
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual(FREE);
  });

  /** After a first life that told of one change, and said so. */
  const SECOND = [...PRO, '0-3-1 exited pros', '0-3-2 entered others'];

  it('tells none again that was deleted from the log of changes, as it says itself how far it told', async () => {
    await feed('pro');
    await driver.restart();
    await feed('free');
    await driver.restart();
    await driver.advance(0);
    clock.sleep(8 * DAY_MS);
    logs.retire(TOPICS.changes);
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual(SECOND);
  });

  it('tells none again where it had no time to say so, and the log of changes was emptied meanwhile', async () => {
    await feed('pro');
    await driver.restart();
    await driver.advance(0);
    expect(toldRecords()).toHaveLength(1);
    await feed('free');
    clock.sleep(8 * DAY_MS);
    logs.retire(TOPICS.changes);
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual(SECOND);
  });
});

describe('a former owner', () => {
  const membership = (epoch: number, sequence: number) => ({
    ...{
      key: 'w/pros·p',
      headers: { schema: 'membership@1', epoch: String(epoch), sequence: String(sequence) },
    },
    value: JSON.stringify({
      ...{ workspaceId: 'w', audienceKey: 'pros', profileId: 'p', member: false },
      ...{ since: '2026-01-02T03:04:05.678Z', epoch, cause: 'event', identifiers: [] },
    }),
  });
  const change = (epoch: number, sequence: number, place = sequence) => ({
    ...{
      key: 'w/p',
      headers: { schema: 'audience-change@1', epoch: String(epoch), sequence: String(sequence) },
    },
    value: JSON.stringify({
      ...{ workspaceId: 'w', id: `0-${epoch}-${place}`, audienceKey: 'pros', profileId: 'p' },
      ...{ change: 'exited', at: '2026-01-02T03:04:05.678Z', cause: 'event', identifiers: [] },
    }),
  });
  /** Writes both, one after the other, before the n-th of the next owner's claims. */
  const interferes = (claim: number) => {
    let n = 0;
    logs.before = ({ headers }) => {
      if (headers?.schema !== 'epoch@1') return;
      n += 1;
      if (n !== claim) return;
      logs.write(TOPICS.memberships, [membership(0, 2)]);
      logs.write(TOPICS.changes, [change(0, 2)]);
    };
  };

  it.each([
    [1, 'counts'],
    [2, 'counts'],
    [3, 'is told by the next'],
  ])('that writes before claim %i of the next owner %s: one membership, one change', async (claim) => {
    await feed('pro');
    interferes(claim);
    await driver.restart();
    logs.before = () => undefined;
    expect(told()).toEqual([...PRO, '0-0-2 exited pros']);
    // The facts still say pro.
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual([...PRO, '0-0-2 exited pros', expect.stringMatching(/^0-\d+-1 entered pros$/)]);
  });

  it('that writes after them is heard by nobody', async () => {
    await feed('pro');
    await driver.restart();
    logs.write(TOPICS.memberships, [membership(0, 2)]);
    logs.write(TOPICS.changes, [change(0, 2)]);
    expect(told()).toEqual(PRO);
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual(PRO);
  });
});

describe('a request that is sent again although its first attempt had been written', () => {
  it('is no news, and does not move how far was told', async () => {
    const again = async (value: string) => {
      for (const record of await feed(value)) logs.write({ name: record.topic }, [record]);
    };
    await again('pro');
    await again('free');
    expect(told()).toEqual(FREE);
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    expect(told()).toEqual(FREE);
  });

  it('is not taken for the state of a membership, however late it comes', async () => {
    const [entered] = await feed('pro');
    await feed('free');
    if (entered) logs.write(TOPICS.memberships, [entered]);
    await driver.crash({ disk: 'lost' });
    expect(memberships(await driver.poll())).toEqual([]);
  });
});
