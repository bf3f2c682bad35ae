import { table } from './table.js';

/** A public table, as its owner's code describes it. */
export interface DocumentedTable {
  readonly name: string;
  readonly kind: string;
  readonly holds: string;
  readonly key?: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
}

/** What is written by hand, then every public table with its columns. */
export function tablesPage(prose: string, tables: readonly DocumentedTable[]): string {
  return [
    prose,
    '## Public tables and views',
    'A table that keeps versions is read with `FINAL`; the views do so themselves.',
    ...tables.flatMap(({ name, kind, holds, key, columns }) => [
      `### ${name}`,
      `${holds} A ${kind}${key ? `; its key is \`(${key.join(', ')})\`` : ''}.`,
      table(
        ['column', 'holds'],
        Object.entries(columns).map(([column, text]) => [`\`${column}\``, text]),
      ),
    ]),
  ].join('\n\n');
}
