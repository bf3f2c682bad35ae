import type { IToken } from 'chevrotain';
import { And, Dot, LeftParenthesis, Name, Not, Operator, Or } from './query-lexer.js';

/** What is wrong at a token, in the words of who writes another language. */
export interface Hint {
  readonly token: IToken;
  readonly reason: string;
}

const WORDS: Readonly<Record<string, string>> = {
  in: "expected a comparison but found \"in\": write .one_of('a', 'b')",
  like: "expected a comparison but found \"like\": write .contains('a'), .starts_with('a') or .ends_with('a')",
  between: 'expected a comparison but found "between": write two, such as x >= 1 AND x <= 9',
};
const NEGATED: Readonly<Record<string, string>> = {
  in: "expected a comparison but found \"not in\": write .none_of('a', 'b')",
  like: 'expected a comparison but found "not like": write .omits(\'a\')',
  between: 'expected a comparison but found "not between": write NOT (x >= 1 AND x <= 9)',
};
const SIGNS: Readonly<Record<string, string>> = {
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
  '===': '=',
  '!==': '!=',
};

/** The hint for the token at which the grammar failed, undefined where it has none. `wrong` may be behind the last. */
export function hintAt(tokens: readonly IToken[], wrong: number): Hint | undefined {
  const token = tokens[wrong];
  const before = tokens[wrong - 1];
  return (token && (signHint(before, token) ?? wordHint(tokens, wrong))) ?? nameHint(tokens, wrong, before);
}

function signHint(before: IToken | undefined, token: IToken): Hint | undefined {
  if (before?.tokenType !== Operator || token.tokenType !== Operator) return undefined;
  const sign = before.image + token.image;
  const right = SIGNS[sign];
  if (right === undefined || before.startOffset + before.image.length !== token.startOffset) return undefined;
  return { token: before, reason: `there is no comparison "${sign}": write ${right}` };
}

function wordHint(tokens: readonly IToken[], at: number): Hint | undefined {
  const token = tokens[at];
  if (!token) return undefined;
  const words = tokens.slice(at, at + 3).map(({ image }) => image.toLowerCase());
  const [first = '', second = '', third = ''] = words;
  const word = first === 'ilike' ? 'like' : first;
  if (word === 'is' && (second === 'null' || (second === 'not' && third === 'null'))) {
    const isNegated = second === 'not';
    const [found, right] = isNegated ? ['is not null', '.exists()'] : ['is null', '.absent()'];
    return { token, reason: `expected a comparison but found "${found}": write ${right}` };
  }
  const negated = token.tokenType === Not ? NEGATED[second === 'ilike' ? 'like' : second] : undefined;
  const reason = negated ?? (Object.hasOwn(WORDS, word) ? WORDS[word] : undefined);
  return reason === undefined ? undefined : { token, reason };
}

/** A name that is no call: a text without quotes, or a call without parentheses. */
function nameHint(tokens: readonly IToken[], wrong: number, name: IToken | undefined): Hint | undefined {
  if (name?.tokenType !== Name || tokens[wrong]?.tokenType === LeftParenthesis) return undefined;
  const { image } = name;
  const ahead = tokens[wrong - 2];
  if (ahead?.tokenType === Dot) {
    return { token: name, reason: `expected parentheses after "${image}": write ${image}(…)` };
  }
  if (ahead?.tokenType === Operator) return { token: name, reason: valueReason(image, ahead.image) };
  if (ahead?.tokenType === LeftParenthesis && tokens[wrong - 3]?.image === 'within') {
    return { token: name, reason: `within(…) takes a time such as 7 days, not ${image}` };
  }
  const startsCondition = !ahead || [And, Or, Not].includes(ahead.tokenType);
  return {
    token: name,
    reason: startsCondition
      ? `expected event(…) or trait(…) but found "${image}": a trait is written trait('${image}')`
      : `expected a text in quotes but found ${image}: write '${image}'`,
  };
}

function valueReason(image: string, operator: string): string {
  if (/^(null|nil|none|undefined)$/i.test(image)) {
    const right = operator === '!=' ? '.exists()' : '.absent()';
    return `nothing is compared with ${image}: write ${right}`;
  }
  return `expected a text in quotes but found ${image}: write '${image}'`;
}

const CHARACTERS: readonly (readonly [RegExp, string])[] = [
  [/^&&?/, 'write AND'],
  [/^\|\|?/, 'write OR'],
  [/^!/, 'write NOT (…), or != between two values'],
  [/^[‘’‚‛“”„‟«»`´]/u, 'texts are in straight quotes: write \'a\' or "a"'],
  [/^≥/u, 'write >='],
  [/^≤/u, 'write <='],
  [/^≠/u, 'write !='],
  [/^(--|#|\/[/*])/, 'a query has no comments'],
  [/^[-−]/u, 'a minus stands right before its number, such as -50'],
  [/^\p{Sc}/u, 'an amount is a number without a currency'],
  [/^;/, 'a query is one condition without a mark at its end'],
];

/** What to write in the place of a character that means nothing here. */
export function hintForCharacter(
  rest: string,
): { readonly found: string; readonly advice: string } | undefined {
  for (const [pattern, advice] of CHARACTERS) {
    const [found] = pattern.exec(rest) ?? [];
    if (found !== undefined) return { found, advice };
  }
  return undefined;
}
