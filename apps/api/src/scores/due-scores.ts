import type { ScoreBordersMessage, TraitMessage } from '@tributary/contracts';
import type { Database } from '@tributary/control';
import { sql } from 'kysely';
import { SCORE_BORDERS, TRAITS } from '../traits/trait.kind.js';
import type { ScoresTables } from './scores.tables.js';

/** A score whose borders are to be computed. */
export interface DueScore {
  readonly workspace: string;
  readonly key: string;
  readonly score: TraitMessage;
  readonly ranked: TraitMessage;
}

const AT_ONCE = 50;
/** Written out, as the indexes have them: one of all definitions would be read every second. */
const [TRAIT, BORDERS] = [TRAITS.name, SCORE_BORDERS.name].map((name) => sql.lit(name));
/** How soon borders are computed again at first: people may have come in while they were. */
const AGAIN_MS = 5_000;

/**
 * Scores that have no borders of their definitions in force, or those of the day before. Of a new definition they are
 * computed again after five seconds, and each time after twice as long, for what is new is often being filled.
 */
export async function dueScores(
  database: Database<ScoresTables>,
  now: number,
  without: readonly string[],
): Promise<readonly DueScore[]> {
  const midnight = new Date(Math.floor(now / 86_400_000) * 86_400_000);
  const { rows } = await database.run((statements) =>
    sql<DueScore>`
      WITH scores AS (
        SELECT s.workspace, s.id AS key, s.value AS score, r.value AS ranked, b.value AS borders,
          greatest((s.value->>'updatedAt')::timestamptz, (r.value->>'updatedAt')::timestamptz) AS defined_at,
          (b.value->>'computedAt')::timestamptz AS computed_at
        FROM definitions s
        JOIN definitions r ON r.workspace = s.workspace AND r.kind = ${TRAIT} AND r.value IS NOT NULL
          AND r.key = substring(s.value->>'query' from ${RANKED})
        LEFT JOIN definitions b ON b.workspace = s.workspace AND b.kind = ${BORDERS} AND b.key = s.key
        WHERE s.kind = ${TRAIT} AND s.value->>'query' LIKE 'trait(%')
      SELECT workspace, key, score, ranked FROM scores
      WHERE NOT (workspace || '/' || key = ANY(${without}::text[])) AND (
        borders IS NULL
        OR borders->>'query' <> score->>'query' OR borders->>'rankedQuery' <> ranked->>'query'
        OR computed_at < ${midnight}
        OR ${new Date(now)} >= computed_at
          + greatest(${AGAIN_MS} * interval '1 millisecond', computed_at - defined_at))
      ORDER BY computed_at NULLS FIRST, workspace, key LIMIT ${AT_ONCE}`.execute(statements),
  );
  return rows;
}

/** In the normal form, a score begins with the key of what it ranks, which has no quotes. */
const RANKED = `^trait\\('([^']+)'\\)`;

/** Borders whose score is gone: their workspaces and keys. */
export async function leftBorders(
  database: Database<ScoresTables>,
): Promise<readonly Pick<ScoreBordersMessage & { readonly workspace: string }, 'workspace' | 'key'>[]> {
  const { rows } = await database.run((statements) =>
    sql<{ readonly workspace: string; readonly key: string }>`
      SELECT b.workspace, b.id AS key FROM definitions b
      WHERE b.kind = ${BORDERS} AND b.value IS NOT NULL AND NOT EXISTS (
        SELECT FROM definitions s
        WHERE s.workspace = b.workspace AND s.kind = ${TRAIT} AND s.key = b.key
          AND s.value->>'query' LIKE 'trait(%')
      LIMIT ${AT_ONCE}`.execute(statements),
  );
  return rows;
}
