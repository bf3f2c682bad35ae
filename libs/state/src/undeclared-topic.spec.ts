import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection, kafkaLogs, logBounds } from '@tributary/kafka';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committing } from '../test/processor.fixture.js';
import { Processor } from './processor.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('undeclared') });
const producer = new BatchingProducer(connection);
const topic = (): Topic => ({ ...TOPICS.events, name: uniqueName('undeclared') });
const [input, declared, other] = [topic(), topic(), topic()];
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'undeclared-'));
  await ensureTopics(connection, [input, declared, other], { partitions: 1, replication: 1 });
  await producer.connect();
});
afterAll(async () => {
  await producer.disconnect();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a step that writes to a topic that its processor does not declare', () => {
  it('is not sent, neither what it writes elsewhere, and is named', async () => {
    const to = ({ name }: Topic) => ({ topic: name, partition: 0, key: 'k', value: 'v' });
    const processor = new Processor({
      name: 'careless',
      dataDir,
      logs: kafkaLogs(connection, producer),
      inputs: [input.name],
      publishes: [declared.name],
      processor: () => ({ handle: () => [[to(declared)], [to(other)]] }),
      onFatal: () => undefined,
    });
    await processor.assigned(0, committing(input.name).commit);
    const batch = { topic: input.name, partition: 0, records: [], endOffset: 0, logEnd: 0 };
    await expect(processor.handle(batch)).rejects.toThrow(
      `the processor careless publishes to ${other.name} and declares only ${declared.name}`,
    );
    const ends = [declared, other].map(async ({ name }) => (await logBounds(connection, name)).get(0)?.end);
    expect(await Promise.all(ends)).toEqual([0, 0]);
    await processor.revoked(0);
  });
});
