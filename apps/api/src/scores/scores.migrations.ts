import type { Migration } from '@tributary/control';
import { sql } from 'kysely';

/** Those of what the platform does by itself in one process at a time, and once for each workspace. */
export const SCORES_MIGRATIONS: readonly Migration[] = [
  {
    name: 'scores-0001-duties',
    up: async (statements) => {
      await sql`
        CREATE TABLE duties (
          name text PRIMARY KEY, leased_by text NOT NULL, leased_until timestamptz NOT NULL)`.execute(
        statements,
      );
      await sql`
        CREATE TABLE default_traits (
          workspace text PRIMARY KEY, at timestamptz NOT NULL)`.execute(statements);
      await sql`
        CREATE INDEX scores_in_force ON definitions (workspace, key)
        WHERE kind = 'trait' AND value->>'query' LIKE 'trait(%'`.execute(statements);
      await sql`
        CREATE INDEX score_borders_in_force ON definitions (workspace, key)
        WHERE kind = 'score-borders' AND value IS NOT NULL`.execute(statements);
    },
  },
];
