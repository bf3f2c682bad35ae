/** Bytes of a body with all definitions; others have the 1 MiB that is usual. */
export const DEFINITIONS_BYTES = 8 * 1024 * 1024;
/** Definitions of one body; each is a row and a record by itself. */
export const MOST_DEFINITIONS = 5_000;
