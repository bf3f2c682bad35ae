import type { Config } from '@tributary/service';
import Type from 'typebox';

export const API_SETTINGS = Type.Object({
  API_PORT: Type.Integer({
    default: 8081,
    minimum: 0,
    maximum: 65_535,
    description: 'port of the API; 0: any free port',
  }),
  COLLECTOR_URL: Type.String({
    default: 'http://127.0.0.1:8080',
    pattern: '^https?://',
    description: 'where the collector listens: it is asked to replay what was rejected',
  }),
});

export type ApiConfig = Config<typeof API_SETTINGS>;
