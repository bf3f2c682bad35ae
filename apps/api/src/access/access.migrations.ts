import type { Migration } from '@tributary/control';
import { sql } from 'kysely';

/** Those of users, tokens, sessions and the audit log, after those of definitions. */
export const ACCESS_MIGRATIONS: readonly Migration[] = [
  {
    name: 'access-0001-tokens-users-sessions-audit',
    up: async (statements) => {
      for (const table of [API_TOKENS, USERS, SESSIONS, LINKS, AUDIT, AUDIT_INDEX, ...APPEND_ONLY])
        await table.execute(statements);
    },
  },
  {
    name: 'access-0002-emails-of-all-workspaces',
    up: async (statements) => {
      await ONE_USER_OF_AN_EMAIL.execute(statements);
    },
  },
  {
    name: 'access-0003-oidc-identities',
    up: async (statements) => {
      await OIDC_IDENTITIES.execute(statements);
    },
  },
  {
    name: 'access-0004-audit-retention',
    up: async (statements) => {
      for (const statement of [AUDIT_BY_TIME, REFUSE_BUT_RETENTION]) await statement.execute(statements);
    },
  },
];

const API_TOKENS = sql`
  CREATE TABLE api_tokens (
    id text PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, scopes json NOT NULL,
    digest text NOT NULL, former_digest text, former_until timestamptz,
    created_at timestamptz NOT NULL, created_by json NOT NULL,
    expires_at timestamptz, revoked_at timestamptz, used_at timestamptz)`;

const USERS = sql`
  CREATE TABLE users (
    id text PRIMARY KEY, workspace text NOT NULL, email text NOT NULL, name text NOT NULL, role text NOT NULL,
    password text, is_disabled boolean NOT NULL, version integer NOT NULL,
    created_at timestamptz NOT NULL, signed_in_at timestamptz,
    CONSTRAINT one_user_of_an_email UNIQUE (workspace, email))`;

/** Whoever signs in names no workspace: it follows from the address. */
const ONE_USER_OF_AN_EMAIL = sql`
  ALTER TABLE users DROP CONSTRAINT one_user_of_an_email,
    ADD CONSTRAINT one_user_of_an_email UNIQUE (email)`;

const SESSIONS = sql`
  CREATE TABLE sessions (
    id text PRIMARY KEY, workspace text NOT NULL, digest text NOT NULL,
    user_id text REFERENCES users ON DELETE CASCADE, token_id text REFERENCES api_tokens ON DELETE CASCADE,
    created_at timestamptz NOT NULL, used_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    address text NOT NULL, agent text NOT NULL)`;

const LINKS = sql`
  CREATE TABLE one_time_links (
    id text PRIMARY KEY, workspace text NOT NULL, digest text NOT NULL,
    user_id text REFERENCES users ON DELETE CASCADE, expires_at timestamptz NOT NULL)`;

/** An account at a provider is one user's, of whichever workspace. */
const OIDC_IDENTITIES = sql`
  CREATE TABLE oidc_identities (
    issuer text NOT NULL, subject text NOT NULL, user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject), UNIQUE (user_id, issuer))`;

const AUDIT = sql`
  CREATE TABLE audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace text NOT NULL, at timestamptz NOT NULL,
    author json NOT NULL, action text NOT NULL, kind text NOT NULL, subject text NOT NULL, version bigint,
    before json, after json, reason text)`;

const AUDIT_INDEX = sql`CREATE INDEX audit_of_a_subject ON audit (workspace, kind, subject, seq)`;

/** A trigger holds for the owner of the table too, which rights do not. */
const APPEND_ONLY = [
  sql`
    CREATE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the audit log is append-only''; END'`,
  sql`
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_audit()`,
  sql`
    CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit()`,
];

const AUDIT_BY_TIME = sql`CREATE INDEX audit_by_time ON audit (at)`;

/** Only who says so may remove, and nothing of the last thirty days. */
const REFUSE_BUT_RETENTION = sql`
  CREATE OR REPLACE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN
     IF TG_OP = ''DELETE'' AND current_setting(''tributary.audit_retention'', true) = ''on'' THEN
       IF OLD.at < now() - interval ''30 days'' THEN RETURN OLD; END IF;
     END IF;
     RAISE EXCEPTION ''the audit log is append-only'';
   END'`;
