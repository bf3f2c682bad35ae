import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { membershipKey, messageOf, TOPICS } from '@tributary/contracts';
import { DrivenClock, DrivenLogs, ProcessorDriver, type Fed } from '@tributary/drivers';
import {
  aggregateFactOf,
  ALL_KNOWN,
  audience,
  changes as changesIn,
  fragments,
  inForce,
} from '../../test/memberships.fixture.js';
import { MEMBERSHIPS } from './memberships.module.js';
import type { MembershipsState } from './memberships.processor.js';

const buyers = audience('buyers', "event('Order Completed').within(10 seconds).count() >= 1");
const config = { SEGMENTATION_CACHE_BYTES: 100 };
const KEY = membershipKey('w', 'buyers', 'p');
const START = 1_000_000;

let drivers: { close(): Promise<void> }[];
/** The partitions, as every owner writes them and every reader reads them. */
let logs: DrivenLogs;
const memberships = () => logs.records(TOPICS.memberships);

beforeEach(() => {
  drivers = [];
  logs = new DrivenLogs(new DrivenClock(START));
});
afterEach(async () => {
  for (const driver of drivers) await driver.close();
});

/**
 * An owner with a disk and a clock of its own that has claimed the partition, and read what was there. It repairs nothing by
 * itself: what is repaired is the spec's to say.
 */
async function newOwner(now = START): Promise<ProcessorDriver<MembershipsState>> {
  const owner = await ProcessorDriver.declared(
    { ...MEMBERSHIPS, owns: [] },
    { config, clock: new DrivenClock(now), logs, definitions: { all: inForce(buyers), known: ALL_KNOWN } },
  );
  drivers.push(owner);
  return owner;
}

const ordered = (messageId: string, at = START): readonly Fed[] =>
  fragments({ '@attached': { attached: true }, [aggregateFactOf(buyers)]: [[at, messageId]] });

/** What a reader makes of the whole log. */
const changes = () =>
  changesIn(logs.records(TOPICS.changes)).map(({ id, change, at }) => ({ id, change, at: Date.parse(at) }));

describe('a former owner of a memberships partition that goes on behind the epoch record of the next', () => {
  it('is heard by no reader: neither the changes, nor the published memberships of a third owner', async () => {
    const [former, next] = [await newOwner(), await newOwner()];
    await next.feed(TOPICS.fragments, ordered('m1'));
    await former.poll();
    former.clock.sleep(20_000);
    await former.advance(0);
    const published = [{ id: '0-2-1', change: 'entered', at: START }];
    expect(memberships().map(({ key }) => key)).toEqual([
      ...new Array<string>(4).fill('@epoch/0'),
      ...new Array<string>(3).fill(KEY),
    ]);
    expect(changes()).toEqual(published);

    logs.write(TOPICS.fragments, ordered('m2', START + 20_000));
    const third = await newOwner(START + 20_000);
    await third.poll();
    expect(changes()).toEqual(published);
  });

  it('is followed by what the owner had published, which is no change and keeps its place after compaction', async () => {
    const [former, next] = [await newOwner(), await newOwner()];
    await former.feed(TOPICS.fragments, ordered('m1'));
    const repair = () => logs.send([next.republish(TOPICS.memberships, KEY)!]);
    await repair();
    expect(memberships().at(-1)?.value).toBeNull();

    await next.poll();
    await former.feed(TOPICS.fragments, ordered('m2'));
    former.clock.sleep(20_000);
    await former.advance(0);
    const before = changes();
    await repair();
    expect(changes()).toEqual(before);
    expect(messageOf(memberships().at(-1)!)).toMatchObject({
      member: true,
      epoch: 2,
      cause: 'event',
      causedBy: 'm1',
    });
    expect(next.republish(TOPICS.memberships, '@epoch/0')).toBeUndefined();
  });
});

describe('a request that is sent again although its first attempt had been written', () => {
  it('makes each change once', async () => {
    const owner = await newOwner();
    for (const record of await owner.feed(TOPICS.fragments, ordered('m1')))
      logs.write({ name: record.topic }, [record]);
    owner.clock.sleep(20_000);
    await owner.advance(0);
    expect(changes()).toEqual([
      { id: '0-0-1', change: 'entered', at: START },
      { id: '0-0-2', change: 'exited', at: START + 10_000 },
    ]);
  });
});
