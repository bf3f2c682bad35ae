import { table } from './table.js';

/** A code, what it says and what its reader does about it; the status where it is of a whole request. */
export interface DocumentedError {
  readonly code: string;
  readonly status?: number | undefined;
  readonly meaning: string;
  readonly advice: string;
}

export interface ErrorList {
  readonly title: string;
  readonly text: string;
  readonly errors: readonly DocumentedError[];
}

/** The page of all error codes. */
export function errorsPage(lists: readonly ErrorList[]): string {
  return [
    '# Errors',
    'Codes are closed lists: programs may switch on them; messages are for people and may change. An answer that is no ' +
      'success is `{"error": {"code", "message"}}`. This page is generated from the lists in the code (`npm run docs`).',
    ...lists.map(section),
    '',
  ].join('\n\n');
}

function section({ title, text, errors }: ErrorList): string {
  const hasStatus = errors.some(({ status }) => status !== undefined);
  const rows = errors.map(({ code, status, meaning, advice }) => [
    `\`${code}\``,
    ...(hasStatus ? [String(status ?? '')] : []),
    meaning,
    advice,
  ]);
  const head = ['code', ...(hasStatus ? ['status'] : []), 'meaning', 'what to do'];
  return [`## ${title}`, text, table(head, rows)].join('\n\n');
}
