import { isJsonObject } from '@tributary/events';
import { looksLikeJson } from '../body/media-type.js';
import { parseJson } from '../intake/payload.js';
import { IMPORT_LIMITS } from './import-limits.js';

/**
 * What a file is: calls, a line each; calls in an array; one JSON document with a `batch`; or nothing that is read here,
 * with what it seems to be.
 */
export type FileForm =
  | { readonly is: 'lines'; readonly end: number }
  | { readonly is: 'array' }
  | { readonly is: 'document' }
  | { readonly is: 'unreadable'; readonly seems: string };

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BRACKET = 0x5b;
const SPACE = 0x20;

const BINARY: readonly (readonly [string, Buffer])[] = [
  ['a ZIP archive, as spreadsheets are too', Buffer.from('PK\u0003\u0004')],
  ['Parquet', Buffer.from('PAR1')],
  ['Avro', Buffer.from('Obj\u0001')],
  ['PDF', Buffer.from('%PDF')],
  ['a bzip2 archive', Buffer.from('BZh')],
  ['an xz archive', Buffer.from('fd377a585a00', 'hex')],
  ['an old spreadsheet', Buffer.from('d0cf11e0', 'hex')],
];
const FORM = 'a form with a file in it: send the file itself, as curl does with --data-binary @FILE';
/** The first line of a form with parts; of YAML it is dashes alone. */
const BOUNDARY = /^--(?!-*$)\S+$/;
const OPENS = /[{[,]$/;
const BATCH = /"batch"\s*:\s*\[/;

/** Whether the beginning of a file says what it is: its first line is there, or a line may not be as long. */
export function isTelling(head: Buffer): boolean {
  if (head.length > IMPORT_LIMITS.lineBytes || head.includes(NEWLINE)) return true;
  const at = head.indexOf(RETURN);
  return at >= 0 && at < head.length - 1;
}

export function formOf(head: Buffer): FileForm {
  const binary = BINARY.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
  if (binary) return { is: 'unreadable', seems: binary[0] };
  const end = head.includes(NEWLINE) || !head.includes(RETURN) ? NEWLINE : RETURN;
  const first = head.subarray(0, endOf(head, end)).toString('utf8').trim();
  if (BOUNDARY.test(first)) return { is: 'unreadable', seems: FORM };
  if (first.startsWith('<')) return { is: 'unreadable', seems: 'XML or HTML' };
  if (/^[^{[\]}]+[,;\t][^{[\]}]*$/.test(first)) return { is: 'unreadable', seems: 'a table, such as CSV' };
  if (head.find((byte) => byte > SPACE) === BRACKET) return { is: 'array' };
  return isDocument(head, first) ? { is: 'document' } : { is: 'lines', end };
}

function endOf(head: Buffer, end: number): number {
  const begin = head.findIndex((byte) => byte > SPACE);
  const at = head.indexOf(end, Math.max(begin, 0));
  return at < 0 ? head.length : at;
}

/** A batch in one line, or JSON that is written over several. */
function isDocument(head: Buffer, first: string): boolean {
  if (!looksLikeJson(head)) return false;
  const parsed = parseJson(Buffer.from(first));
  if (parsed !== undefined) return isJsonObject(parsed) && Array.isArray(parsed.batch);
  return OPENS.test(first) || BATCH.test(first);
}
