import Type from 'typebox';
import { parameters, type Value } from '../http/dto.js';

/** The media type of each format. */
export const FORMATS = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const;
export type Format = keyof typeof FORMATS;

export const ExportQuery = parameters({
  format: Type.Enum(Object.keys(FORMATS) as Format[], {
    default: 'ndjson',
    description:
      'ndjson: each profile as in profiles.v1; csv and parquet: columns, traits and computed traits as JSON',
    errorMessage: `must be one of ${Object.keys(FORMATS).join(', ')}`,
  }),
});
export type ExportQuery = Value<typeof ExportQuery>;
