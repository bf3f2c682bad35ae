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
/** Blank, tab, line ends, no-break space, and the quotes. */
const PADDING: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x0a, 0xa0, 0x22, 0x27, 0x60]);
const ZERO = 0x30;
const DASH = 0x2d;

/**
 * Whether a value is what programs write when they have no id: `null`, `undefined`, `anonymous`, `[object Object]`,
 * nothing but zeros and dashes, …; in any case, with white space or quotes around it. Such a value names nobody, and
 * would tie everybody into one person. Source: the values that Segment's identity resolution and PostHog refuse.
 */
export function isBlocked(value: string): boolean {
  const word = bare(value);
  const first = word.charCodeAt(0);
  if (word === '' || ((first === ZERO || first === DASH) && ONLY_ZEROS.test(word))) return true;
  return word.length <= LONGEST_WORD && WORDS.has(word.toLowerCase());
}

function bare(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && PADDING.has(value.charCodeAt(start))) start += 1;
  while (end > start && PADDING.has(value.charCodeAt(end - 1))) end -= 1;
  return end - start === value.length ? value : value.slice(start, end);
}
