import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingRecord } from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DurableEventLog } from './durable.event-log.js';
import { InFlight } from './in-flight.js';
import { InMemoryKafkaSender } from '../../test/in-memory.kafka-sender.js';
import type { Spool } from './spool/spool.js';
import { openSpool, recordOf, type HeardSpool } from '../../test/spool.fixture.js';

const PATIENCE_MS = 60;
const OK = { ok: true, value: undefined };

let root: string;
let kafka: InMemoryKafkaSender;
let inFlight: InFlight;
let spool: Spool;
let heard: HeardSpool;
let log: DurableEventLog;
let away: number;

async function begin(limitBytes = 100_000_000): Promise<void> {
  ({ spool, heard } = await openSpool(root, { limitBytes }));
  log = new DurableEventLog({
    ...{ kafka, spool, inFlight, patienceMs: PATIENCE_MS },
    onAway: () => (away += 1),
    onBack: () => undefined,
    onReplayFailed: () => undefined,
  });
  log.start();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-log-'));
  kafka = new InMemoryKafkaSender();
  inFlight = new InFlight(10_000_000);
  away = 0;
  await begin();
});

afterEach(async () => {
  await log.close();
  await rm(root, { recursive: true });
});

const records = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => recordOf(from + i));
const append = (all: readonly OutgoingRecord[]) => Promise.all(all.map((record) => log.append([record])));
const isDirect = () => eventually(() => log.isDirect && spool.isEmpty, { what: 'an empty spool' });
/** Without the duplicates that came behind the first of each. */
const firsts = () => {
  const seen = new Set<string>();
  return kafka.written.filter(({ key }) => !seen.has(key) && seen.add(key));
};

describe('DurableEventLog', () => {
  it('writes to Kafka, and nothing to the disk, while Kafka answers', async () => {
    expect(await append(records(0, 50))).toEqual(Array(50).fill(OK));
    expect(kafka.written).toEqual(records(0, 50));
    expect(spool.isEmpty).toBe(true);
    expect(inFlight.bytes).toBe(0);
  });

  it('keeps on disk what Kafka does not answer for, tells the client then, and tells Kafka in order when it is back', async () => {
    kafka.become('silent');
    expect(await append(records(0, 20))).toEqual(Array(20).fill(OK));
    expect(away).toBe(1);
    expect(spool.records).toBe(20);
    const began = performance.now();
    expect(await append(records(20, 40))).toEqual(Array(20).fill(OK));
    expect(performance.now() - began).toBeLessThan(PATIENCE_MS * 10);
    expect(log.isDirect).toBe(false);
    kafka.become('well');
    await isDirect();
    expect(firsts()).toEqual(records(0, 40));
    expect(heard.replayedRecords).toBe(40);
    // What Kafka had written without a word.
    expect(kafka.written.length).toBeGreaterThan(40);
    expect(await append(records(40, 41))).toEqual([OK]);
    expect(inFlight.bytes).toBe(0);
  });

  it('does not ask a Kafka that is away for each request', async () => {
    kafka.become('away');
    await append(records(0, 1));
    const before = kafka.sends;
    await append(records(1, 100));
    expect(kafka.sends - before).toBeLessThan(10);
    expect(spool.records).toBe(100);
  });

  it('keeps the order while requests go on coming as Kafka comes back', async () => {
    kafka.become('away');
    let sent = 0;
    let isOver = false;
    const answers: unknown[] = [];
    const client = async () => {
      while (!isOver) {
        const from = sent;
        sent += 10;
        answers.push(...(await append(records(from, from + 10))));
      }
    };
    const clients = client();
    await eventually(() => sent > 200);
    kafka.become('well');
    await eventually(() => log.isDirect);
    const direct = sent;
    await eventually(() => sent > direct + 200);
    isOver = true;
    await clients;
    await isDirect();
    expect(answers).toEqual(Array(sent).fill(OK));
    expect(kafka.written.map(({ key }) => key)).toEqual(records(0, sent).map(({ key }) => key));
  });

  it('hands what it kept to the next process, which tells Kafka of it first', async () => {
    kafka.become('away');
    await append(records(0, 10));
    await log.close();
    kafka = new InMemoryKafkaSender();
    await begin();
    expect(await append(records(10, 20))).toEqual(Array(10).fill(OK));
    await isDirect();
    expect(kafka.written).toEqual(records(0, 20));
  });

  it('keeps what waits for Kafka when it is closed', async () => {
    kafka.become('silent');
    const answers = append(records(0, 3));
    await eventually(() => kafka.written.length > 0);
    await log.close();
    expect(await answers).toEqual([OK, OK, OK]);
    expect(inFlight.bytes).toBeGreaterThan(0);
    kafka.become('well');
    await eventually(() => inFlight.bytes === 0);
    await begin();
    await isDirect();
    expect(firsts()).toEqual(records(0, 3));
  });

  it('refuses what neither Kafka nor the disk took', async () => {
    await log.close();
    await begin(2_000);
    kafka.become('away');
    const answers = await append(Array.from({ length: 10 }, (_, n) => recordOf(n, 500)));
    const taken = answers.filter(({ ok }) => ok).length;
    expect(taken).toBe(3);
    expect(answers.slice(taken)).toEqual(Array(7).fill({ ok: false, error: 'unavailable' }));
    expect(log.isTaking).toBe(false);
    kafka.become('well');
    await isDirect();
    expect(firsts()).toEqual(Array.from({ length: 3 }, (_, n) => recordOf(n, 500)));
  });

  it('sheds what is more than it may hold, and holds no more', async () => {
    inFlight = new InFlight(5_000);
    await log.close();
    await begin();
    kafka.become('silent');
    const answers = append(records(0, 10));
    expect(inFlight.bytes).toBeLessThanOrEqual(5_000);
    const shed = (await answers).filter((answer) => !answer.ok);
    expect(shed).toEqual(Array(6).fill({ ok: false, error: 'overloaded' }));
    kafka.become('well');
    await isDirect();
    expect(inFlight.bytes).toBe(0);
  });

  it('sets aside a record that Kafka will never take, and goes on behind it', async () => {
    kafka.become('away');
    await append(records(0, 5));
    kafka.refuse(({ key }) => key.endsWith(':u2'));
    kafka.become('well');
    await isDirect();
    const passed = [0, 1, 3, 4].map((n) => recordOf(n));
    expect(firsts()).toEqual(passed);
    expect(heard.aside).toEqual([expect.objectContaining({ reason: 'refused' })]);
    expect(await readdir(join(root, 'set-aside'))).toHaveLength(1);
    // Of one that comes while Kafka is there the client is told; Kafka is not away for it.
    expect(await append([recordOf(2)])).toEqual([{ ok: false, error: 'unavailable' }]);
    expect(log.isDirect).toBe(true);
  });
});
