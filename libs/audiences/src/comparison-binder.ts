import {
  isBounded,
  isExact,
  MAX_DIGITS,
  type AgeOperator,
  type Comparison,
  type DateOperator,
  type ListOperator,
  type Literal,
  type OrderOperator,
} from './filter.js';
import { isInstant } from './instants.js';
import { onlyText, refuseLabel, unknown, windowOf } from './query-arguments.js';
import { describe, QueryFault, type Call, type Place, type Syntax } from './query-syntax.js';

/** `… op right`. */
export interface Operation {
  readonly op: string;
  readonly right: Syntax;
  readonly at: Place;
}

/** The comparisons that have a sign, by their words. */
export const ORDER_WORDS: Readonly<Record<string, OrderOperator>> = {
  equals: '=',
  differs: '!=',
  greater_than: '>',
  at_least: '>=',
  less_than: '<',
  at_most: '<=',
};
const LIST_WORDS: readonly ListOperator[] = [
  'contains',
  'omits',
  'starts_with',
  'ends_with',
  'one_of',
  'none_of',
];
const DATE_WORDS: readonly DateOperator[] = ['before_date', 'after_date'];
const AGE_WORDS: readonly AgeOperator[] = ['within_last', 'before_last', 'within_next', 'after_next'];
const WORDS = [...Object.keys(ORDER_WORDS), 'exists', 'absent', ...LIST_WORDS, ...DATE_WORDS, ...AGE_WORDS];

/** The operator of a sign or a word. */
export function orderOperator(signOrWord: string): OrderOperator {
  if (signOrWord === '==') return '=';
  return ORDER_WORDS[signOrWord] ?? (signOrWord as OrderOperator);
}

/** The comparison that follows a value: a sign with a literal, or one word. */
export function bindComparison(value: Call, rest: readonly Call[], operation?: Operation): Comparison {
  const [word, excess] = rest;
  if (excess) throw new QueryFault(`nothing may follow ${word?.name ?? ''}(…)`, excess.at);
  if (word && operation) {
    throw new QueryFault(`compared twice: with ${word.name}(…) and "${operation.op}"`, word.at);
  }
  if (operation) return { op: orderOperator(operation.op), value: literalOf(operation.right) };
  if (!word) {
    throw new QueryFault(
      `expected a comparison such as "= 'a'" or ".exists()" after ${value.name}(…)`,
      value.end,
    );
  }
  return bindWord(word);
}

function bindWord(word: Call): Comparison {
  for (const argument of word.args) refuseLabel(word, argument);
  const [first, second] = word.args;
  if (word.name === 'exists' || word.name === 'absent') {
    if (first) throw new QueryFault(`${word.name}() takes nothing`, first.at);
    return { op: word.name };
  }
  if (Object.hasOwn(ORDER_WORDS, word.name)) {
    if (!first || second) throw new QueryFault(`${word.name}(…) takes one value`, word.at);
    return { op: orderOperator(word.name), value: literalOf(first.value) };
  }
  const age = AGE_WORDS.find((name) => name === word.name);
  if (age) return { op: age, ms: windowOf(word) };
  const date = DATE_WORDS.find((name) => name === word.name);
  if (date) return { op: date, value: dateOf(word) };
  const op = LIST_WORDS.find((name) => name === word.name);
  if (!op) throw unknown('comparison', word, WORDS, []);
  if (!first) throw new QueryFault(`${op}(…) takes one value or more`, word.at);
  const ofText = op !== 'one_of' && op !== 'none_of';
  return {
    op,
    values: word.args.map(({ value }) => {
      const literal = literalOf(value);
      if (!ofText || typeof literal === 'string') return literal;
      throw new QueryFault(`${op}(…) takes texts in quotes, not ${describe(value)}`, value.at);
    }),
  };
}

function dateOf(word: Call): string {
  const text = onlyText(word);
  if (isInstant(text)) return text;
  throw new QueryFault(
    `${word.name}(…) takes a date such as '2026-06-01', or an instant such as '2026-06-01T12:00:00Z', not the text '${text}'`,
    word.args[0]?.at ?? word.at,
  );
}

function literalOf(syntax: Syntax): Literal {
  if (syntax.kind === 'literal') {
    if (!isExact(syntax.value) || isBounded(syntax.value)) return syntax.value;
    throw new QueryFault(`a number has at most ${MAX_DIGITS} digits, and exponents to 9999`, syntax.at);
  }
  if (syntax.kind === 'chain' && syntax.calls.length === 1) {
    const [call] = syntax.calls;
    const [argument] = call.args;
    if (call.name === 'literal' && argument && call.args.length === 1) return literalOf(argument.value);
    if (['trait', 'property', 'context'].includes(call.name)) {
      throw new QueryFault(`comparing with ${call.name}(…) is not supported yet`, syntax.at);
    }
  }
  throw new QueryFault(
    `expected a text in quotes, a number, true or false but found ${describe(syntax)}`,
    syntax.at,
  );
}
