import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatchingProducer, ensureTopics } from '@tributary/kafka';
import { BreakableWay, eventually, uniqueName } from '@tributary/testing';
import { randomBytes } from 'node:crypto';
import { ControlBed, thingsIn, type Thing } from '../../test/control.fixture.js';
import { DatabaseAwayError } from '../control.errors.js';
import type { ControlPlane } from '../control-plane.js';

let bed: ControlBed;

beforeEach(async () => {
  bed = await ControlBed.make();
});

afterEach(async () => {
  await bed.end();
});

async function write(
  key: string,
  value: Thing | null,
  headers: Readonly<Record<string, string>>,
  workspace = bed.workspace,
): Promise<void> {
  const producer = new BatchingProducer(bed.connection);
  await producer.connect();
  await producer.send([
    {
      topic: bed.kind.topic.name,
      key: `${workspace}/${key}`,
      value: value && JSON.stringify(value),
      headers: { schema: 'thing@1', ...headers },
    },
  ]);
  await producer.disconnect();
}

const holders = (planes: readonly ControlPlane[]) => planes.filter(({ relay }) => relay.holds);

describe('the relay', () => {
  it('brings the latest of each definition into the topic, and takes away what was removed', async () => {
    const plane = await bed.started();
    await bed.put(plane, 'a', { name: 'one' });
    await bed.put(plane, 'b', { name: 'b' });
    await bed.put(plane, 'a', { name: 'two' });
    await bed.put(plane, 'b', undefined);
    expect(await bed.topic()).toEqual(new Map([['a', { value: { name: 'two' }, version: 2 }]]));
  });

  it('works in one process at a time, and in the other when that one ends; either learns of it', async () => {
    const planes = [await bed.started(), await bed.started()];
    await eventually(() => holders(planes).length === 1);
    for (const plane of planes) await bed.put(plane, 'a', { name: 'a' });
    const [holder] = holders(planes);
    await holder!.stop();
    const other = planes.find((plane) => plane !== holder)!;
    expect(await bed.put(other, 'b', { name: 'b' })).toMatchObject({ definition: { version: 1 } });
    expect(other.relay.holds).toBe(true);
  });

  it('publishes again what a relay that was thought dead buries, at once and after a takeover', async () => {
    const plane = await bed.started();
    await bed.put(plane, 'a', { name: 'one' });
    await bed.put(plane, 'a', { name: 'two' });
    await write('a', { name: 'one' }, { version: '1' });
    await eventually(async () => (await bed.topic()).get('a')?.version === 2);
    await plane.stop();
    await write('a', { name: 'one' }, { version: '1' });
    await bed.started();
    await eventually(async () => (await bed.topic()).get('a')?.version === 2);
    expect((await bed.topic()).get('a')?.value).toEqual({ name: 'two' });
  });

  it('passes over what Kafka refuses, and counts it', async () => {
    const kind = thingsIn();
    const narrow = await ControlBed.make({ ...kind, topic: { ...kind.topic, maxMessageBytes: 10_000 } });
    try {
      const plane = await narrow.started();
      await narrow.put(plane, 'large', { name: randomBytes(20_000).toString('hex') });
      await narrow.put(plane, 'small', { name: 'small' });
      expect([...(await narrow.topic()).keys()]).toEqual(['small']);
      // A relay that takes over offers it again.
      expect(plane.relay.refused).toBeGreaterThan(0);
      expect(await plane.definitions(narrow.kind).find('large')).toMatchObject({ version: 1 });
    } finally {
      await narrow.end();
    }
  });

  it('takes over once what the topic alone holds, at the versions that it had', async () => {
    await ensureTopics(bed.connection, [bed.kind.topic], { partitions: 1, replication: 1 });
    await write('a', { name: 'one' }, {});
    await write('gone', { name: 'gone' }, {});
    await write('a', { name: 'two', keys: ['k'] }, {});
    await write('gone', null, {});
    const planes = await Promise.all([bed.started(), bed.started()]);
    const [plane] = planes;
    expect(await plane.definitions(bed.kind).all()).toEqual([
      { id: 'a', value: { name: 'two', keys: ['k'] }, version: 2 },
    ]);
    expect(await bed.put(plane, 'a', { name: 'three' })).toMatchObject({ definition: { version: 3 } });
    await write('late', { name: 'late' }, {});
    const again = await bed.started();
    expect((await again.definitions(bed.kind).all()).map(({ id }) => id)).toEqual(['a']);
  });

  it('makes a topic agree with the database when it is to be rebuilt', async () => {
    const plane = await bed.started();
    await bed.put(plane, 'a', { name: 'a' });
    await bed.put(plane, 'b', { name: 'b' });
    await bed.put(plane, 'b', undefined);
    await write('a', null, { version: '9' });
    await write('stray', { name: 'stray' }, { version: '9' });
    expect(await plane.rebuildTopics()).toEqual({ published: 2, removed: 1 });
    await eventually(async () => {
      expect(await bed.topic()).toEqual(new Map([['a', { value: { name: 'a' }, version: 1 }]]));
    });
  });
});

describe('several workspaces', () => {
  const workspaces = { ...thingsIn(), name: 'workspace' };

  it('are all rebuilt from the database, and taken over by an empty one', async () => {
    const other = uniqueName('other');
    const plane = bed.plane(bed.url, workspaces);
    await plane.start();
    await bed.put(plane, other, { name: 'other' }, plane.definitions(workspaces));
    await bed.put(plane, 'a', { name: 'own' });
    await bed.put(plane, 'a', { name: 'theirs' }, plane.definitions(bed.kind, other));
    const theirs = new Map([['a', { value: { name: 'theirs' }, version: 1 }]]);
    expect(await bed.topic(other)).toEqual(theirs);
    await write('a', { name: 'nobody’s' }, {}, other);
    await write('b', { name: 'nobody’s' }, {}, other);
    expect(await plane.rebuildTopics()).toEqual({ published: 3, removed: 1 });
    await eventually(async () => {
      expect(await bed.topic(other)).toEqual(theirs);
    });

    const next = await ControlBed.make(bed.kind, bed.workspace);
    const heir = next.plane(next.url, workspaces);
    await heir.start();
    expect(await heir.definitions(bed.kind).find('a')).toMatchObject({ value: { name: 'own' } });
    expect(await heir.definitions(bed.kind, other).find('a')).toMatchObject({ value: { name: 'theirs' } });
    await next.end();
  });
});

describe('a database that is away', () => {
  it('is waited for at the start, and later; changes are refused meanwhile, and none is half done', async () => {
    const way = new BreakableWay(bed.url);
    const url = await way.open();
    way.cut();
    const plane = bed.plane(url);
    await plane.start();
    expect(plane.isPrepared).toBe(false);
    await expect(bed.put(plane, 'a', { name: 'a' })).rejects.toThrow(DatabaseAwayError);
    await expect(plane.definitions(bed.kind).all()).rejects.toThrow(DatabaseAwayError);
    await way.open();
    await eventually(() => plane.isPrepared);
    await bed.put(plane, 'a', { name: 'a' });
    way.cut();
    await expect(bed.put(plane, 'a', { name: 'b' })).rejects.toThrow(DatabaseAwayError);
    await way.open();
    expect(await bed.put(plane, 'b', { name: 'b' })).toMatchObject({ definition: { version: 1 } });
    const versions = await plane.definitions(bed.kind).versions('a', { limit: 9 });
    expect(versions.map(({ value }) => value)).toEqual([{ name: 'a' }]);
    way.cut();
  });
});
