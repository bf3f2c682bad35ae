import Type from 'typebox';
import { parameters, type Value } from '../../http/dto.js';
import { TRAITS } from '../audience.dto.js';

/** The media type of each format. */
export const MEMBER_FORMATS = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
} as const;
export type MemberFormat = keyof typeof MEMBER_FORMATS;

export const MemberExportQuery = parameters({
  ...TRAITS,
  format: Type.Enum(Object.keys(MEMBER_FORMATS) as MemberFormat[], {
    default: 'ndjson',
    description: 'ndjson: a line of JSON for each member; csv: columns, the traits as JSON',
    errorMessage: `must be one of ${Object.keys(MEMBER_FORMATS).join(', ')}`,
  }),
});
export type MemberExportQuery = Value<typeof MemberExportQuery>;
