import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  logBounds,
  TopicFollower,
  type LogRecord,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

// Two processes start, one after the other, and a session passes in between.
jest.setTimeout(240_000);
const WITHIN = { withinMs: 100_000 };

/** A process with a processor, run from the build: it says its name in the output at every tick while it owns the partition. */
const OWNER = `
  import { KafkaConnection } from '@tributary/kafka';
  import { ProcessorGroup } from '@tributary/state';
  const { brokers, groupId, input, output, changelog, dataDir, name } = JSON.parse(process.argv[1]);
  const group = new ProcessorGroup({
    name: 'paused',
    groupId,
    transportId: Symbol(name),
    connection: new KafkaConnection({ brokers, clientId: name }),
    layout: { partitions: 1, replication: 1 },
    dataDir,
    inputs: [input],
    changelog,
    checkpointEveryMs: 0,
    changelogEveryMs: 0,
    onFatal: (error) => {
      console.error(error.name);
      // As services end: an exit waits for a thread that writes a checkpoint, and that one waits for this thread.
      process.execve('/bin/sh', ['sh', '-c', 'exit 1'], {});
    },
    processor: ({ state, wakeAt }) => {
      let ticks = 0;
      const tick = () => {
        wakeAt(Date.now() + 20);
        state.replace('owner', { name, ticks: (ticks += 1) });
        return [[{ topic: output, partition: 0, key: 'owner', value: name }]];
      };
      return { restored: tick, wake: tick, handle: () => [] };
    },
  });
  await group.producer.connect();
  group.strategy.addHandler(input, (batch) => group.processor.handle(batch), true);
  group.strategy.listen((error) => {
    if (error) throw error;
  });
`;

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('paused') });
const producer = new BatchingProducer(connection);
const children = new Set<ChildProcess>();
const topic = (like: Topic): Topic => ({ ...like, name: uniqueName('paused') });
const [input, output, changelog] = [
  topic(TOPICS.events),
  topic(TOPICS.changes),
  topic(TOPICS.fragmentsState),
];
const groupId = uniqueName('paused');
const following: TopicFollower[] = [];
let dataDir = '';

beforeAll(async () => {
  await producer.connect();
  await ensureTopics(connection, [input, output, changelog], { partitions: 1, replication: 1 });
});
afterAll(async () => {
  await producer.disconnect();
  await connection.close();
});
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'paused-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await Promise.all(following.splice(0).map((follower) => follower.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

/** Each has a disk of its own: the store cannot fence them, the session has to. */
function startOwner(name: string) {
  const options = { brokers: kafkaBrokers(), groupId, input: input.name, output: output.name, changelog };
  const given = JSON.stringify({ ...options, dataDir: join(dataDir, name), name });
  const child = spawn(process.execPath, ['--input-type=module', '-e', OWNER, '--', given], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  children.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, ended, errors: text(child.stderr) };
}

/** Every record of a topic, as they come. */
async function recordsOf({ name }: Topic): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  const follower = new TopicFollower(connection, { name }, (record) => void records.push(record));
  following.push(follower);
  await follower.start();
  return records;
}

const nameIn = (record: LogRecord): string => {
  const text = record.value?.toString('utf8') ?? '';
  return text.startsWith('{') ? ((JSON.parse(text) as { state?: { name: string } }).state?.name ?? '') : text;
};

/** Ends the waiting where the process has ended: it will say nothing more. */
const whileRunning = ({ child }: ReturnType<typeof startOwner>) => ({
  ...WITHIN,
  unless: () => {
    if (child.exitCode !== null) throw new Error(`the owner has ended with ${child.exitCode}`);
  },
});

describe('an owner that sleeps past its session while another takes over', () => {
  it('writes nothing more when it wakes, neither facts nor its changelog, and ends', async () => {
    const logs = await Promise.all([output, changelog].map(recordsOf));
    const said = (by: string) => logs[0]?.filter((record) => nameIn(record) === by).length ?? 0;
    const sleeper = startOwner('sleeper');
    await eventually(() => said('sleeper') > 5, whileRunning(sleeper));
    sleeper.child.kill('SIGSTOP');
    const heir = startOwner('heir');
    await eventually(() => said('heir') > 5, whileRunning(heir));
    const before = await Promise.all([output, changelog].map((log) => logBounds(connection, log.name)));

    sleeper.child.kill('SIGCONT');
    expect(await sleeper.ended).toBe(1);
    expect(await sleeper.errors).toContain('FencedError');
    const heard = said('heir');
    await eventually(() => said('heir') > heard, whileRunning(heir));
    const ends = await Promise.all([output, changelog].map((log) => logBounds(connection, log.name)));
    for (const [i, records] of logs.entries()) {
      await eventually(() => records.length >= (ends[i]?.get(0)?.end ?? 0), WITHIN);
      const after = records.filter(({ offset }) => offset >= (before[i]?.get(0)?.end ?? 0));
      expect(after.map(nameIn)).not.toContain('sleeper');
    }
    expect(heir.child.exitCode).toBeNull();
  });
});
