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
  IDENTITY_CACHED_KEYS: Type.Integer({
    default: 20_000,
    minimum: 100,
    description: 'identifiers held in memory for each partition; the others are on disk',
  }),
});

export type IdentityConfig = Config<typeof IDENTITY_SETTINGS>;
