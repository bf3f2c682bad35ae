import { afterEach, describe, expect, it } from '@jest/globals';

import { clickhouseUrl, kafkaBrokers } from './servers.js';

const before = { kafka: process.env.TEST_KAFKA_BROKERS, clickhouse: process.env.TEST_CLICKHOUSE_URL };

afterEach(() => {
  process.env.TEST_KAFKA_BROKERS = before.kafka ?? '';
  process.env.TEST_CLICKHOUSE_URL = before.clickhouse ?? '';
});

describe('the servers of a test run', () => {
  it('come from the environment', () => {
    process.env.TEST_KAFKA_BROKERS = '127.0.0.1:1, 127.0.0.1:2';
    process.env.TEST_CLICKHOUSE_URL = 'http://127.0.0.1:3';
    expect(kafkaBrokers()).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
    expect(clickhouseUrl()).toBe('http://127.0.0.1:3');
  });

  it('are missed with an error that says how to have them', () => {
    process.env.TEST_KAFKA_BROKERS = '';
    process.env.TEST_CLICKHOUSE_URL = '';
    expect(kafkaBrokers).toThrow('serversPreset');
    expect(clickhouseUrl).toThrow('TEST_CLICKHOUSE_URL is not set');
  });
});
