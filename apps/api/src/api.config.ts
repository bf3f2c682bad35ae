import { DATABASE_SETTINGS } from '@tributary/control';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const API_SETTINGS = Type.Object({
  API_PORT: Type.Integer({
    default: 8081,
    minimum: 0,
    maximum: 65_535,
    description: 'port of the API; 0: any free port',
  }),
  ...DATABASE_SETTINGS,
  COLLECTOR_INTERNAL_URL: Type.String({
    default: 'http://127.0.0.1:8086',
    pattern: '^https?://',
    description: 'where the collector answers the api: it is asked to replay what was rejected',
  }),
  API_DRY_RUN_LINKS: Type.Integer({
    default: 1_000_000,
    minimum: 1,
    maximum: 20_000_000,
    description: 'links of identifiers that a dry run of identity rules looks at at most',
  }),
  API_DRY_RUN_SECONDS: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 110,
    description:
      'how long a dry run of identity rules takes at most; a connection that is silent for 120 s is cut',
  }),
});

export type ApiConfig = Config<typeof API_SETTINGS>;
