/**
 * ClickHouse's codes for rows that it can never take, however often they are sent. Source: ErrorCodes.cpp of
 * ClickHouse. Everything else, such as too many parts, too little memory, or no answer, passes with time.
 */
const ROW_FAULTS: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '32', // ATTEMPT_TO_READ_AFTER_EOF
  '33', // CANNOT_READ_ALL_DATA
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '131', // TOO_LARGE_STRING_SIZE
  '190', // SIZES_OF_ARRAYS_DONT_MATCH
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '376', // CANNOT_PARSE_UUID
  '407', // DECIMAL_OVERFLOW
  '467', // CANNOT_PARSE_BOOL
]);

/** Whether ClickHouse answered that the rows themselves are at fault; by the code, which every connection carries. */
export function isRowFault(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && ROW_FAULTS.has(String(error.code));
}

/** A migration that was applied is no longer the text that was applied: the tables are not what the code believes. */
export class MigrationChangedError extends Error {
  constructor(
    readonly service: string,
    readonly migration: string,
    readonly applied: string,
    readonly found: string,
  ) {
    super(
      `migration "${migration}" of ${service} was applied with checksum ${applied} and now has ${found}: ` +
        'restore its text and put the change into a new migration',
    );
    this.name = 'MigrationChangedError';
  }
}

/** The table takes no row at all, not even one that it took before: the fault is its own, not that of the rows. */
export class TableRefusesError extends Error {
  constructor(table: string, reason: string) {
    super(`table ${table} takes no row any more; the rows wait: ${reason}`);
    this.name = 'TableRefusesError';
  }
}

/** The sink was closed while ClickHouse was away: what it held was not inserted, and may not be committed. */
export class SinkClosedError extends Error {
  constructor(
    readonly table: string,
    options?: ErrorOptions,
  ) {
    super(`closed before ClickHouse took what waits for table ${table}: it will be read again`, options);
    this.name = 'SinkClosedError';
  }
}
