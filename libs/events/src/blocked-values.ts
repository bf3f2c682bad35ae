const WORDS = new Set([
  'null',
  'nil',
  'none',
  'undefined',
  'anonymous',
  'guest',
  'distinctid',
  'distinct_id',
  'id',
  'not_authenticated',
  'email',
  'true',
  'false',
  'nan',
  '[object object]',
  '-1',
]);
const LONGEST_WORD = Math.max(...[...WORDS].map((word) => word.length));
const ONLY_ZEROS = /^[0-]*$/;
const PADDING = new Set([' ', '\t', '\r', '\n', '\u00a0', '"', "'", '`']);

/**
 * Whether a value is what programs write when they have no id: `null`, `undefined`, `anonymous`, `[object Object]`,
 * nothing but zeros and dashes, …; in any case, with white space or quotes around it. Such a value names nobody, and
 * would tie everybody into one person. Source: the values that Segment's identity resolution and PostHog refuse.
 */
export function isBlocked(value: string): boolean {
  const word = bare(value);
  return ONLY_ZEROS.test(word) || (word.length <= LONGEST_WORD && WORDS.has(word.toLowerCase()));
}

function bare(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && PADDING.has(value.charAt(start))) start += 1;
  while (end > start && PADDING.has(value.charAt(end - 1))) end -= 1;
  return value.slice(start, end);
}
