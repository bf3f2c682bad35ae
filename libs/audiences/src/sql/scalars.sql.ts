/** The JSON of a number, `part`, as JavaScript writes it. */
export const NUMBER_TEXT =
  "if(match(part, '^-0([.]0)?$'), '0', replaceRegexpOne(part, 'e([0-9])', 'e+\\\\1'))";

/** The text of a scalar's JSON, `part`. */
export const TEXT = `if(startsWith(part, '"'), JSONExtractString(part), ${NUMBER_TEXT})`;

/** In billionths: Decimal(38, 9) has 38 digits, nine of them behind the point. */
export const SCALED_BOUND = `1${'0'.repeat(38)}`;
