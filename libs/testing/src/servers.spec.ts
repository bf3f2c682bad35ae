import { afterEach, describe, expect, it } from '@jest/globals';

import { clickhouseUrl, kafkaBrokers, postgresUrl } from './servers.js';

const before = {
  kafka: process.env.TEST_KAFKA_BROKERS,
  clickhouse: process.env.TEST_CLICKHOUSE_URL,
  postgres: process.env.TEST_DATABASE_URL,
};

afterEach(() => {
  process.env.TEST_KAFKA_BROKERS = before.kafka ?? '';
  process.env.TEST_CLICKHOUSE_URL = before.clickhouse ?? '';
  process.env.TEST_DATABASE_URL = before.postgres ?? '';
});

describe('the servers of a test run', () => {
  it('come from the environment', () => {
    process.env.TEST_KAFKA_BROKERS = '127.0.0.1:1, 127.0.0.1:2';
    process.env.TEST_CLICKHOUSE_URL = 'http://127.0.0.1:3';
    process.env.TEST_DATABASE_URL = 'postgres://127.0.0.1:4/x';
    expect(kafkaBrokers()).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
    expect(clickhouseUrl()).toBe('http://127.0.0.1:3');
    expect(postgresUrl()).toBe('postgres://127.0.0.1:4/x');
  });

  it('are missed with an error that says how to have them', () => {
    process.env.TEST_KAFKA_BROKERS = '';
    process.env.TEST_CLICKHOUSE_URL = '';
    process.env.TEST_DATABASE_URL = '';
    expect(kafkaBrokers).toThrow('serversPreset');
    expect(clickhouseUrl).toThrow('TEST_CLICKHOUSE_URL is not set');
    expect(postgresUrl).toThrow('TEST_DATABASE_URL is not set');
  });
});
