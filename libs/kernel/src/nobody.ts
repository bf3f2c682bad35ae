/**
 * What programs write where they have no value: it names nobody, and would make one person of strangers. In lower case;
 * one `*` stands for any text. Beginnings and ends with a `*` between are the placeholders of template languages and
 * advertising networks that nobody filled in.
 */
export const NOBODY: readonly string[] = [
  ...[
    'null',
    'nil',
    'none',
    'undefined',
    'nan',
    'n/a',
    'n.a.',
    '#n/a',
    'unknown',
    'unset',
    'not set',
    'not_set',
  ],
  ...[
    '(null)',
    '(nil)',
    '(none)',
    '(undefined)',
    '(unknown)',
    '(not set)',
    '<null>',
    '<nil>',
    '<none>',
    '<unknown>',
  ],
  ...[
    '<undefined>',
    '[null]',
    'not available',
    'not_available',
    'not provided',
    'not_provided',
    'not applicable',
  ],
  ...[
    'anonymous',
    'guest',
    'distinctid',
    'distinct_id',
    'id',
    'not_authenticated',
    'email',
    'true',
    'false',
    '-1',
  ],
  ...['limited', '[object *]', 'function *}', '{{*}}', '{%*%}', '${*}', '#{*}', '<%*%>', '%%*%%', '[[*]]'],
];

const ONLY_ZEROS = /^[0-]*$/;
/** One character again and again, as in an id of a device that gives none away. */
const ONE_CHARACTER = /^(.)(?:-*\1){7,}$/;
/** Blank, tab, line ends, no-break space, and the quotes. */
const PADDING: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x0a, 0xa0, 0x22, 0x27, 0x60]);
const ZERO = 0x30;
const DASH = 0x2d;

/**
 * Makes the test of whether a value names nobody: one of these, in any case and with white space or quotes around it,
 * nothing, nothing but zeros and dashes, or one character eight times or more.
 */
export function nobodyTest(values: readonly string[]): (value: string) => boolean {
  const words = new Set<string>();
  const patterns: (readonly [string, string])[] = [];
  for (const value of values) {
    const [start = '', end] = value.toLowerCase().split('*');
    if (end === undefined) words.add(start);
    else patterns.push([start, end]);
  }
  const longest = Math.max(0, ...[...words].map((word) => word.length));
  const firsts = new Set(patterns.map(([start]) => start.charAt(0)));
  return (value) => {
    const word = bare(value);
    const first = word.charCodeAt(0);
    if (word === '' || ((first === ZERO || first === DASH) && ONLY_ZEROS.test(word))) return true;
    if (word.length <= longest && words.has(word.toLowerCase())) return true;
    if (word.charCodeAt(1) === first && ONE_CHARACTER.test(word)) return true;
    if (patterns.length === 0 || !(firsts.has('') || firsts.has(word.charAt(0).toLowerCase()))) return false;
    const lower = word.toLowerCase();
    return patterns.some(
      ([start, end]) =>
        lower.length >= start.length + end.length && lower.startsWith(start) && lower.endsWith(end),
    );
  };
}

function bare(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && PADDING.has(value.charCodeAt(start))) start += 1;
  while (end > start && PADDING.has(value.charCodeAt(end - 1))) end -= 1;
  return end - start === value.length ? value : value.slice(start, end);
}
