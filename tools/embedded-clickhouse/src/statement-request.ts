import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';

import { StatementError, type Statement } from './engine.js';

const UNKNOWN_SETTING = 115;

// Parameters of the HTTP interface that are no settings of the engine. There are no users and no server-side sessions.
const interfaceParameters = new Set(
  [
    'query database default_format query_id user password quota_key role',
    'session_id session_timeout session_check close_session client_protocol_version',
    'compress decompress enable_http_compression http_zlib_compression_level',
    'wait_end_of_query buffer_size stacktrace http_write_exception_in_output_format',
    'send_progress_in_http_headers http_headers_progress_interval_ms',
  ].flatMap((line) => line.split(' ')),
);

const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

function settingsOf(url: URL, method: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (interfaceParameters.has(name) || name.startsWith('param_')) continue;
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new StatementError(
        UNKNOWN_SETTING,
        `Code: ${UNKNOWN_SETTING}. DB::Exception: Unknown setting '${name}'. (UNKNOWN_SETTING)`,
      );
    settings.set(name, value);
  }
  // GET must not change anything; it comes last, for it forbids SET too.
  if (method === 'GET' && !settings.has('readonly')) settings.set('readonly', '2');
  return settings;
}

function parametersOf(url: URL): ReadonlyMap<string, string> {
  return new Map(
    [...url.searchParams]
      .filter(([name]) => /^param_\w+$/.test(name))
      .map(([name, value]) => [name.slice('param_'.length), value]),
  );
}

/** Tells an INSERT by its first word, after comments. */
export function isInsert(text: string): boolean {
  return /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*INSERT\b/i.test(text);
}

/**
 * Parts a body that is a whole statement into text and data. The engine itself finds where the data of a textual INSERT
 * begin; binary data would not survive being text, and begin after the format's name and one white-space character.
 */
function splitBody(body: Buffer): { readonly text: string; readonly data?: Buffer } {
  if (isUtf8(body)) return { text: body.toString('utf8') };
  const text = /^[\s\S]*?\bFORMAT\s+\w+\s/i.exec(body.toString('latin1'))?.[0] ?? '';
  return { text: body.toString('utf8', 0, text.length), data: body.subarray(text.length) };
}

function textAndData(inUrl: string, body: Buffer): { readonly text: string; readonly data?: Buffer } {
  if (inUrl === '') return splitBody(body);
  if (isInsert(inUrl) && (body.length > 0 || /\bFORMAT\s+\w+\s*;?\s*$/i.test(inUrl)))
    return { text: inUrl.replace(/;\s*$/, ''), data: body };
  return { text: inUrl + body.toString('utf8') };
}

const FORMAT_CLAUSE = /\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[^;]*)?;?\s*$/i;

/** The format in which a statement's result comes. */
export function outputFormat(text: string, fallback: string): string {
  return FORMAT_CLAUSE.exec(text)?.[1] ?? fallback;
}

// Two documents of these, one after the other, are one document.
const concatenable = new Set(
  [
    'JSONEachRow JSONCompactEachRow JSONStringsEachRow JSONCompactStringsEachRow',
    'TabSeparated TSV TabSeparatedRaw TSVRaw CSV RowBinary Native',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Whether a statement's result can be given block by block: one SELECT in a format whose blocks can be joined. In doubt
 * it is not: a second FORMAT somewhere may be the one that counts, totals belong to no block, and a subquery that
 * stands for a value is computed before the first block, with nothing else running meanwhile.
 */
export function isStreamable(text: string, fallback: string): boolean {
  const query = text.replace(FORMAT_CLAUSE, '');
  const ofTables = query.replace(/\b(?:FROM|JOIN|IN|AS)\s*\(\s*(?:SELECT|WITH)\b/gi, '');
  return (
    concatenable.has(outputFormat(text, fallback)) &&
    /^\s*(?:SELECT|WITH)\b/i.test(query) &&
    !/\bFORMAT\b|\bTOTALS\b|\bextremes\b/i.test(query) &&
    !/\(\s*(?:SELECT|WITH)\b/i.test(ofTables)
  );
}

/** Reads ClickHouse's HTTP interface: the statement in the URL, the body or both; settings and `param_*` in the URL. */
export function readStatement(o: {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}): Statement {
  const parameter = (name: string): string | undefined => o.url.searchParams.get(name) ?? undefined;
  return {
    ...textAndData(parameter('query') ?? '', o.body),
    database: parameter('database') ?? header(o.headers, 'x-clickhouse-database'),
    settings: settingsOf(o.url, o.method),
    parameters: parametersOf(o.url),
    format: header(o.headers, 'x-clickhouse-format') ?? parameter('default_format') ?? 'TabSeparated',
  };
}
