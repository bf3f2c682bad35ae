import { createClickHouse } from '@tributary/clickhouse';
import { CONFIG, type CommonConfig } from '@tributary/service';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';

/** Reads for no request, so it may take its time. */
export const PATIENT_READER = Symbol('reader of the tables for what nobody waits for');

const LONGEST_MS = 300_000;

export const patientReader = {
  provide: PATIENT_READER,
  inject: [CONFIG],
  useFactory: ({ CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: database }: CommonConfig) =>
    new ClickHouseReader(
      createClickHouse({ url, database, application: 'tributary-scores', requestTimeoutMs: LONGEST_MS }),
    ),
};
