/** A table or view that people query, as `docs/tables.md` and the comments in ClickHouse describe it. */
export interface PublicTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly holds: string;
  /** Of a table, the columns that name a row. */
  readonly key?: readonly string[];
  /** What each column holds, in the order of the columns. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Statements that write the descriptions to ClickHouse, for the last migration of the tables' owner. */
export function commentsOf(tables: readonly PublicTable[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return tables
    .flatMap(({ name, holds, columns }) => [
      `ALTER TABLE ${name} MODIFY COMMENT ${quoted(holds)};`,
      ...Object.entries(columns).map(
        ([column, text]) => `ALTER TABLE ${name} COMMENT COLUMN ${column} ${quoted(text)};`,
      ),
    ])
    .join('\n');
}
