import type { EventSelection } from '../aggregate-matching.js';
import { textSql, type Expression } from './expressions.js';
import { callSql, filterOf } from './filters.sql.js';
import type { TextOf } from './texts.js';

/**
 * A query of `events_log_by_profile` for the events of a selection, with the parameter `workspaceId`: these columns, which
 * `test`, a condition on them, may leave out.
 */
export function eventsOf(
  selection: EventSelection,
  columns: readonly Expression[],
  tests: readonly Expression[] = [],
  textOf: TextOf = textSql,
): string {
  const filter = filterOf(selection, textOf);
  const read = [...columns, ...[...filter.columns].map(([name, elements]) => `${elements} AS ${name}`)];
  return `SELECT * FROM (
  SELECT ${read.join(', ')}
  FROM events_log_by_profile WHERE workspace_id = {workspaceId:String} AND ${callSql(selection, textOf)}
) WHERE ${[filter.test, ...tests].join(' AND ')}`;
}
