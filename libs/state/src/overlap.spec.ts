import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  kafkaLogs,
  readPartition,
  type LogRecord,
  type Logs,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committing } from '../test/processor.fixture.js';
import { Processor } from './processor.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('overlap') });
const producer = new BatchingProducer(connection);
const [input, output] = [TOPICS.events, TOPICS.changes].map((like) => ({
  ...like,
  name: uniqueName('overlap'),
})) as [typeof TOPICS.events, typeof TOPICS.changes];
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'overlap-'));
  await ensureTopics(connection, [input, output], { partitions: 1, replication: 1 });
  await producer.connect();
});
afterAll(async () => {
  await producer.disconnect();
  await connection.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** The logs, with an output that is acknowledged when the gate opens. */
function behindGate(gate: Promise<undefined>): Logs {
  const logs = kafkaLogs(connection, producer);
  return {
    bounds: (topic) => logs.bounds(topic),
    read: (range, onRecord) => logs.read(range, onRecord),
    send: async (records) => {
      if (records.some(({ topic }) => topic === output.name)) await gate;
      return logs.send(records);
    },
  };
}

async function written(keys: readonly string[]): Promise<readonly LogRecord[]> {
  await producer.send(keys.map((key) => ({ topic: input.name, partition: 0, key, value: '+1' })));
  const records: LogRecord[] = [];
  await readPartition(connection, { topic: input.name, partition: 0, from: 0 }, (record) => {
    records.push(record);
  });
  return records;
}

describe('steps of one partition', () => {
  it('overlap where the log has more: one folds while the other is not acknowledged; a checkpoint waits for it', async () => {
    const gate = Promise.withResolvers<undefined>();
    const folded: string[] = [];
    const { committed, commit } = committing(input.name);
    const processor = new Processor({
      ...{ name: 'overlap', dataDir, logs: behindGate(gate.promise), inputs: [input.name] },
      checkpointEveryMs: 0,
      processor: () => ({
        handle: ({ records }) => {
          folded.push(...records.map(({ key }) => key));
          return [records.map(({ key }) => ({ topic: output.name, partition: 0, key, value: '1' }))];
        },
      }),
      onFatal: (error) => {
        throw error;
      },
    });
    await processor.assigned(0, commit);
    const records = await written(['a', 'b']);
    const batch = (at: number) => ({
      ...{ topic: input.name, partition: 0, records: records.slice(at, at + 1) },
      ...{ endOffset: at + 1, logEnd: 2 },
    });
    await processor.handle(batch(0));
    const last = processor.handle(batch(1));
    await eventually(() => folded.length === 2);
    expect(committed).toEqual([]);
    gate.resolve(undefined);
    await last;
    await eventually(() => committed.at(-1) === 2);
    await processor.revoked(0);
  });
});
