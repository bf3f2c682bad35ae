import { TABLES_SETTINGS } from '@tributary/clickhouse';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const IDENTITY_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  IDENTITY_PORT: Type.Integer({
    default: 8082,
    minimum: 0,
    maximum: 65_535,
    description: 'port of identity, for health and metrics; 0: any free port',
  }),
  IDENTITY_CACHE_BYTES: Type.Integer({
    default: 4_194_304,
    minimum: 1_000,
    description:
      'bytes of state, as it is stored, that each processor holds in memory for each partition; all of it is on disk',
  }),
  IDENTITY_REVIEWS_PER_SECOND: Type.Integer({
    default: 2_000,
    minimum: 20,
    description:
      'after a change of the rules, how many of the identifiers that it concerns are decided again, by partition and second',
  }),
});

export type IdentityConfig = Config<typeof IDENTITY_SETTINGS>;
