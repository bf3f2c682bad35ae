import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { clusterOf } from './kafkajs-cluster.js';
import { Kafka, logLevel } from './kafkajs.js';

const require = createRequire(import.meta.url);

describe('kafkajs', () => {
  it('is the version whose modules are replaced: another one has to be looked at, file by file of kafkajs-*.ts', () => {
    expect(require('kafkajs/package.json')).toMatchObject({ version: '2.2.4' });
  });

  it('gives a client its cluster without a connection', async () => {
    const client = new Kafka({ brokers: ['127.0.0.1:1'], clientId: 'none', logLevel: logLevel.NOTHING });
    const cluster = clusterOf(client);
    expect(cluster.isConnected()).toBe(false);
    await cluster.disconnect();
  });
});
