import Type from 'typebox';

/** The settings of a service's sinks. */
export const TABLES_SETTINGS = Type.Object({
  TABLES_LINGER_MS: Type.Integer({
    default: 250,
    minimum: 1,
    maximum: 10_000,
    description: 'how long rows wait for others before they are written to ClickHouse, in milliseconds',
  }),
});
