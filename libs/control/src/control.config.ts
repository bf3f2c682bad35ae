import Type, { type Static } from 'typebox';

/** Settings of those who use the database: environment variable → schema. */
export const DATABASE_SETTINGS = {
  DATABASE_URL: Type.String({
    pattern: '^postgres(ql)?://',
    secret: true,
    description:
      'PostgreSQL 14 or newer, where definitions live; `sslmode` and the like are parameters of it',
    examples: ['postgres://user:password@127.0.0.1:5432/tributary'],
  }),
  DATABASE_CONNECTIONS: Type.Integer({
    default: 10,
    minimum: 2,
    maximum: 200,
    description: 'connections to the database that a process opens at most, beside the one of its relay',
  }),
  DATABASE_PATIENCE_MS: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 60_000,
    description: 'milliseconds after which a connection or a statement that has no answer counts as failed',
  }),
  CONTROL_SECRET_KEYS: Type.Optional(
    Type.String({
      secret: true,
      pattern: '^[a-zA-Z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=(,[a-zA-Z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=)*$',
      description:
        'keys that secrets in the database are encrypted with: `id:key`, comma separated, a key being 32 bytes in Base64; the first encrypts, all decrypt. Unset: the file `control-keys` of the data folder, made at need',
      examples: ['k2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    }),
  ),
} as const;

/** What {@link openDatabase} needs of the settings. */
export interface DatabaseConfig {
  readonly DATABASE_URL: string;
  readonly DATABASE_CONNECTIONS: Static<typeof DATABASE_SETTINGS.DATABASE_CONNECTIONS>;
  readonly DATABASE_PATIENCE_MS: Static<typeof DATABASE_SETTINGS.DATABASE_PATIENCE_MS>;
}
