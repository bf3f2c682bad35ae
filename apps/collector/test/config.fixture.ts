import { readSettings, type Config } from '@tributary/service';
import { COLLECTOR_SETTINGS } from '../src/collector.config.js';

/** The settings of a collector that reaches no server, but for these. */
export function configOf(settings: Readonly<Record<string, string>> = {}): Config<typeof COLLECTOR_SETTINGS> {
  const read = readSettings(COLLECTOR_SETTINGS, {
    KAFKA_BROKERS: '127.0.0.1:1',
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    COLLECTOR_PORT: '0',
    COLLECTOR_INTERNAL_PORT: '0',
    LOG_LEVEL: 'silent',
    ...settings,
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  return read.value;
}
