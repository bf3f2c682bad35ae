import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';

describe('readArguments', () => {
  it('finds the platform that npm start starts, unless the environment says another', () => {
    expect(readArguments([], {})).toMatchObject({
      brokers: '127.0.0.1:9092',
      clickhouseUrl: 'http://127.0.0.1:8123',
      api: { url: 'http://127.0.0.1:8081', token: 'dev-api-token' },
    });
    expect(readArguments([], { KAFKA_BROKERS: 'kafka:1', API_PORT: '9', CLICKHOUSE_URL: '' })).toMatchObject({
      brokers: 'kafka:1',
      clickhouseUrl: 'http://127.0.0.1:8123',
      api: { url: 'http://127.0.0.1:9' },
    });
  });

  it('takes a subject as a word or an option, a share, an instant and times', () => {
    const args = [
      'identity',
      '--sample',
      '0.25',
      '--at',
      '2026-01-02T03:04:05Z',
      '--settle',
      '5',
      '--keep',
      '3',
    ];
    expect(readArguments(args, {})).toMatchObject({
      only: 'identity',
      sample: 0.25,
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
      settleMs: 5_000,
      keep: 3,
    });
    expect(readArguments(['--only', 'audiences'], {})).toMatchObject({ only: 'audiences' });
  });

  it.each([
    [['persons'], 'nothing is called "persons" here: one of identity, profiles, audiences'],
    [['--sample', '2'], '--sample is "2", and must be a number from 0 to 1'],
    [['--at', 'noon'], '--at is "noon", and must be an instant'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j and says what would be right', (args, message) => {
    expect(() => readArguments(args, {})).toThrow(message);
  });
});
