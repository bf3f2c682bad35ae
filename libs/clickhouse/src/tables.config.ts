import Type from 'typebox';

/** The settings of a service's sinks. */
export const TABLES_SETTINGS = Type.Object({
  TABLES_LINGER_MS: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description:
      'how long rows wait for others before they are written to ClickHouse, after a quiet time, in milliseconds',
  }),
  TABLES_EVERY_MS: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 60_000,
    description:
      'how often rows are written to ClickHouse while they keep coming, in milliseconds; what is behind is written at once',
  }),
});
