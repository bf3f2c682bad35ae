import { TABLES_SETTINGS } from '@tributary/clickhouse';
import { CACHE_BYTES, healthPort } from '@tributary/processing';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const PROFILE_BUILDER_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  PROFILE_BUILDER_PORT: healthPort('profile-builder', 8083),
  PROFILE_BUILDER_INTERNAL_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description:
      'port on which the api reads profiles; 0: any free port. The api learns it from Kafka, where each process says it to its consumer group',
  }),
  PROFILE_BUILDER_INTERNAL_ADDRESS: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'address of that port: one that only the api reaches',
  }),
  PROFILE_BUILDER_INTERNAL_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/\\s]+$',
      description:
        'where the api reaches that port of this process. Not set: at that address, or, where it is that of all networks, under the host name of the machine',
      examples: ['http://10.1.2.3:8087'],
    }),
  ),
  PROFILE_BUILDER_CACHE_BYTES: CACHE_BYTES,
  PROFILE_BUILDER_HOLD_MS: Type.Integer({
    default: 2_000,
    minimum: 0,
    description:
      'how long facts wait for identity when an identifier is seen with a new one, in milliseconds',
  }),
  PROFILE_BUILDER_PUBLISH_MS: Type.Integer({
    default: 1_000,
    minimum: 0,
    maximum: 60_000,
    description:
      'a profile that was published is published again at most once in so many milliseconds; 0: at every change',
  }),
  PROFILE_BUILDER_GATHER_MS: Type.Integer({
    default: 200,
    minimum: 0,
    maximum: 60_000,
    description:
      'a profile that was not published lately waits so long for what else happens to it, in milliseconds; audiences do not wait for it',
  }),
  PROFILE_BUILDER_SEEN_MS: Type.Integer({
    default: 30_000,
    minimum: 0,
    maximum: 60_000,
    description:
      'when and how often an identifier was seen is published when it changes, and then at most once in so many milliseconds, unless it moves; 0: at every change',
  }),
  PROFILE_BUILDER_SEEDS_PER_SECOND: Type.Integer({
    default: 20_000,
    minimum: 1,
    description:
      'for how many identifiers a second, at most, what was before a definition is written for it, so that new events do not wait behind it',
  }),
});

export type ProfileBuilderConfig = Config<typeof PROFILE_BUILDER_SETTINGS>;
