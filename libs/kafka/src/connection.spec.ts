import { describe, expect, it } from '@jest/globals';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';

describe('KafkaConnection', () => {
  it('warns of no answer that is thrown to whoever asked', async () => {
    const lines: string[] = [];
    const log = (level: string) => (_fields: object, message: string) => lines.push(`${level} ${message}`);
    const logger = { warn: log('warn'), debug: log('debug') };
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('logs'), logger });
    const create = { validateOnly: true, topics: [{ topic: 'no/such:name', numPartitions: 1 }] };
    await expect(connection.withAdmin((admin) => admin.createTopics(create))).rejects.toThrow();
    expect(lines).toEqual([expect.stringMatching(/^debug Response CreateTopics/)]);
  });
});
