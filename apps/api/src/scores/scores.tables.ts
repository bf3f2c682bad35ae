import type { ControlTables } from '@tributary/control';
import type { ColumnType } from 'kysely';

type At = ColumnType<Date, Date, Date>;

/** The tables of this folder, beside those of definitions. */
export interface ScoresTables extends ControlTables {
  /** Who has a duty that one process at a time does, and until when. */
  readonly duties: { readonly name: string; readonly leased_by: string; readonly leased_until: At };
  /** The workspaces that were given traits by default, whatever became of these. */
  readonly default_traits: { readonly workspace: string; readonly at: At };
}
