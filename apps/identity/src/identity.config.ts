import { TABLES_SETTINGS } from '@tributary/clickhouse';
import { CACHE_BYTES, healthPort } from '@tributary/processing';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const IDENTITY_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  IDENTITY_PORT: healthPort('identity', 8082),
  IDENTITY_CACHE_BYTES: CACHE_BYTES,
  IDENTITY_REVIEWS_PER_SECOND: Type.Integer({
    default: 2_000,
    minimum: 20,
    description:
      'after a change of the rules, how many of the identifiers that it concerns are decided again, by partition and second',
  }),
});

export type IdentityConfig = Config<typeof IDENTITY_SETTINGS>;
