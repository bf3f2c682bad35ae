import { TABLES_SETTINGS } from '@tributary/clickhouse';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const PROFILE_BUILDER_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  PROFILE_BUILDER_PORT: Type.Integer({
    default: 8083,
    minimum: 0,
    maximum: 65_535,
    description: 'port of profile-builder, for health and metrics; 0: any free port',
  }),
  PROFILE_BUILDER_CACHE_BYTES: Type.Integer({
    default: 4_194_304,
    minimum: 1_000,
    description:
      'bytes of state, as it is stored, that each processor holds in memory for each partition; all of it is on disk',
  }),
  PROFILE_BUILDER_HOLD_MS: Type.Integer({
    default: 2_000,
    minimum: 0,
    description:
      'how long facts wait for identity when an identifier is seen with a new one, in milliseconds',
  }),
});

export type ProfileBuilderConfig = Config<typeof PROFILE_BUILDER_SETTINGS>;
