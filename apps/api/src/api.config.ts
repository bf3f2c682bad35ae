import { DATABASE_SETTINGS } from '@tributary/control';
import type { Config } from '@tributary/service';
import Type from 'typebox';
import { OIDC_SETTINGS } from './access/oidc/oidc.config.js';

export const API_SETTINGS = Type.Object({
  API_PORT: Type.Integer({
    default: 8081,
    minimum: 0,
    maximum: 65_535,
    description: 'port of the API; 0: any free port',
  }),
  ...DATABASE_SETTINGS,
  API_LOCAL_OPERATOR: Type.Boolean({
    default: false,
    description:
      'whether a request from this machine that does not say who sends it is the operator’s; only where BIND_ADDRESS is loopback. `npm start` sets it there',
  }),
  API_PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/\\s]+$',
      description:
        'where people reach the API and its pages, behind a proxy: their requests name it as Origin, links begin with it, and https makes cookies Secure',
      examples: ['https://tributary.example.com'],
    }),
  ),
  API_TRUSTED_HOPS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description: 'proxies before the API whose X-Forwarded-For is believed, for the throttling of sign-ins',
  }),
  API_SESSION_HOURS: Type.Integer({
    default: 168,
    minimum: 1,
    maximum: 8_760,
    description: 'hours after which whoever signed in has to sign in again',
  }),
  API_SESSION_IDLE_HOURS: Type.Integer({
    default: 24,
    minimum: 1,
    maximum: 8_760,
    description: 'hours without a request after which a session ends',
  }),
  API_AUDIT_DAYS: Type.Optional(
    Type.Integer({
      // A day more than the trigger's thirty: clocks differ.
      minimum: 31,
      maximum: 36_500,
      description: 'days after which entries of the audit log are removed; unset: never',
    }),
  ),
  ...OIDC_SETTINGS,
  COLLECTOR_INTERNAL_URL: Type.String({
    default: 'http://127.0.0.1:8086',
    pattern: '^https?://',
    description: 'where the collector answers the api: it is asked to replay what was rejected',
  }),
  API_STATE_READ_MS: Type.Integer({
    default: 1_000,
    minimum: 50,
    maximum: 30_000,
    description:
      'how long a read of a profile waits for the process that holds it, in milliseconds; then the tables answer',
  }),
  API_DEFAULT_TRAITS: Type.Boolean({
    default: true,
    description:
      'whether a workspace that first receives `Order Completed` is given the computed traits of customers who buy, scores among them: once, and what is edited or removed stays so',
  }),
  QUOTA_SOURCES: Type.Integer({
    default: 1_000,
    minimum: 0,
    description: 'sources that a workspace may have whose own quota says nothing',
  }),
  QUOTA_AUDIENCES: Type.Integer({
    default: 1_000,
    minimum: 0,
    description: 'audiences that a workspace may have whose own quota says nothing',
  }),
  QUOTA_TRAITS: Type.Integer({
    default: 200,
    minimum: 0,
    description: 'computed traits that a workspace may have whose own quota says nothing',
  }),
  QUOTA_TRAIT_RULES: Type.Integer({
    default: 200,
    minimum: 0,
    description: 'rules of traits that a workspace may have whose own quota says nothing',
  }),
  QUOTA_SPLITS: Type.Integer({
    default: 100_000,
    minimum: 0,
    description: 'splits that a workspace may have whose own quota says nothing',
  }),
  PRIVACY_SUPPRESSIONS: Type.Integer({
    default: 1_000_000,
    minimum: 0,
    description:
      'identifiers of all workspaces together that may be suppressed; each takes up to 64 bytes of every worker of the collector',
  }),
  API_PREVIEW_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 110,
    description:
      'how long a preview of an audience takes at most; a connection that is silent for 120 s is cut',
  }),
  API_PREVIEW_MEMORY_MB: Type.Integer({
    default: 2_048,
    minimum: 16,
    maximum: 1_048_576,
    description: 'memory of ClickHouse that a preview of an audience takes at most, in MiB',
  }),
  API_CHANGE_STREAMS: Type.Integer({
    default: 100,
    minimum: 0,
    maximum: 10_000,
    description:
      'streams of the changes of audiences that a process keeps open at most; each takes up to 2 MiB',
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
