import type { Migration } from '@tributary/control';
import { sql } from 'kysely';

/** Those of privacy requests. */
export const PRIVACY_MIGRATIONS: readonly Migration[] = [
  {
    name: 'privacy-0001-requests',
    up: async (statements) => {
      for (const statement of [REQUESTS, OPEN, BY_DIGEST, DUE]) await statement.execute(statements);
    },
  },
];

const REQUESTS = sql`
  CREATE TABLE privacy_requests (
    id text PRIMARY KEY, workspace text NOT NULL, type text NOT NULL, status text NOT NULL, digest text NOT NULL,
    digests jsonb NOT NULL, identifiers json, profiles json, receipts json NOT NULL, progress json, waits_for text,
    outbox bigint, author json NOT NULL, reason text, idempotency_key text, failures integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, done_at timestamptz,
    due_at timestamptz NOT NULL, leased_by text, leased_until timestamptz,
    CONSTRAINT one_request_of_an_idempotency_key UNIQUE (workspace, idempotency_key))`;

/** The same asked for twice is one request as long as it is open. */
const OPEN = sql`
  CREATE UNIQUE INDEX one_open_privacy_request ON privacy_requests (workspace, type, digest)
  WHERE status IN ('accepted', 'running')`;

const BY_DIGEST = sql`CREATE INDEX privacy_requests_of_a_digest ON privacy_requests USING gin (digests)`;

const DUE = sql`
  CREATE INDEX due_privacy_requests ON privacy_requests (due_at) WHERE status IN ('accepted', 'running')`;
