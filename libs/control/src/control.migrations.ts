import { sql } from 'kysely';
import type { Migration } from './migrations.js';

/** Those of this library, in their order. */
export const CONTROL_MIGRATIONS: readonly Migration[] = [
  {
    name: 'control-0001-definitions',
    up: async (statements) => {
      await sql`
        CREATE TABLE definitions (
          workspace text NOT NULL, kind text NOT NULL, key text NOT NULL, id text NOT NULL,
          version bigint NOT NULL, value json,
          PRIMARY KEY (workspace, kind, key))`.execute(statements);
      await sql`
        CREATE TABLE definition_versions (
          workspace text NOT NULL, kind text NOT NULL, key text NOT NULL, id text NOT NULL,
          version bigint NOT NULL, value json, author json NOT NULL, reason text, at timestamptz NOT NULL,
          PRIMARY KEY (workspace, kind, key, version))`.execute(statements);
      await sql`
        CREATE TABLE definition_claims (
          workspace text NOT NULL, kind text NOT NULL, key text NOT NULL, claim text NOT NULL,
          CONSTRAINT one_owner_of_a_claim PRIMARY KEY (workspace, kind, claim))`.execute(statements);
      await sql`CREATE INDEX claims_of_a_definition ON definition_claims (workspace, kind, key)`.execute(
        statements,
      );
      await sql`
        CREATE TABLE outbox (
          seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          workspace text NOT NULL, kind text NOT NULL, key text NOT NULL, id text NOT NULL,
          version bigint NOT NULL)`.execute(statements);
      await sql`
        CREATE TABLE imports (
          workspace text NOT NULL, kind text NOT NULL, at timestamptz NOT NULL,
          PRIMARY KEY (workspace, kind))`.execute(statements);
    },
  },
  {
    name: 'control-0002-claims-of-all-workspaces',
    up: async (statements) => {
      await sql`
        ALTER TABLE definition_claims DROP CONSTRAINT one_owner_of_a_claim,
          ADD CONSTRAINT one_owner_of_a_claim PRIMARY KEY (kind, claim)`.execute(statements);
    },
  },
];
