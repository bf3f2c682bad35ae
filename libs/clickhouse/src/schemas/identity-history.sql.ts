/**
 * `identity_history`: who belonged where, from when until when, and what put it there; `until` is null where it still
 * holds. Versions with the same profile are one stay, with the reason of the first. The times are those of
 * the log, so a replay gives the same. Before its first row an identifier was a profile of its own. Asked for an
 * identifier it reads that identifier's rows alone.
 */
export const IDENTITY_HISTORY = `CREATE OR REPLACE VIEW identity_history AS
SELECT
  workspace_id,
  identifier,
  stays.1 AS profile_id,
  stays.2 AS \`from\`,
  stays.3 AS until,
  stays.4 AS reason,
  stays.5 AS version
FROM (
  SELECT
    workspace_id,
    identifier,
    arraySort(groupUniqArray((version, profile_id, reason, at))) AS told,
    arrayFilter((one, i) -> i = 1 OR told[i - 1].2 != one.2, told, arrayEnumerate(told)) AS moves,
    arrayMap(
      (one, i) -> (one.2, one.4, if(i = length(moves), NULL, moves[i + 1].4), one.3, one.1),
      moves, arrayEnumerate(moves)
    ) AS all_stays
  FROM identity_assignments
  GROUP BY workspace_id, identifier
)
ARRAY JOIN all_stays AS stays;`;
