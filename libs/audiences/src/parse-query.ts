import { EOF, type ILexingError, type IToken } from 'chevrotain';
import { failed, ok, type Result } from '@tributary/kernel';
import type { AudienceDefinition, QueryError } from './definition.js';
import { hintAt, hintForCharacter } from './query-hints.js';
import { bindQuery, bindWithPlaces } from './query-binder.js';
import { bindComputedTrait } from './computed/trait-binder.js';
import { bindScore } from './computed/score-binder.js';
import type { ComputedTrait } from './computed/computed-trait.js';
import type { DefinedTrait } from './computed/score.js';
import { QueryParser } from './query-grammar.js';
import { LeftParenthesis, lexer, Not, RightParenthesis } from './query-lexer.js';
import { QueryFault, type Place, type Syntax } from './query-syntax.js';

/** The longest text of a query, in UTF-16 code units. */
export const MAX_QUERY_LENGTH = 20_000;

const MAX_NESTING = 50;

const parser = new QueryParser();

/**
 * Reads the text of an audience. The error says the first thing that is wrong, begins with its place
 * (`line 1, column 34: …`), and names what would be right there, or what was probably meant.
 */
export function parseQuery(text: string): Result<AudienceDefinition, QueryError> {
  return parsed(text, 'event(…) or trait(…)', bindQuery);
}

/** The error of the `nth` condition of a text that can be read, from 0. */
export function errorAtCondition(text: string, nth: number, reason: string): QueryError {
  const places = parsed(text, 'event(…) or trait(…)', (syntax) => bindWithPlaces(syntax).places);
  const { line, column } = (places.ok ? places.value[nth] : undefined) ?? { line: 1, column: 1 };
  return { message: `line ${line}, column ${column}: ${reason}`, line, column };
}

/** Reads the text of a computed trait; errors as of {@link parseQuery}. */
export function parseComputedTrait(text: string): Result<ComputedTrait, QueryError> {
  return parsed(text, 'event(…)', bindComputedTrait);
}

/** Reads the text of a trait of a workspace: one that is computed from events, or a score; errors as of {@link parseQuery}. */
export function parseTrait(text: string): Result<DefinedTrait, QueryError> {
  return parsed(text, 'event(…) or trait(…)', (syntax) =>
    syntax.kind === 'chain' && syntax.calls[0].name === 'trait'
      ? bindScore(syntax)
      : bindComputedTrait(syntax),
  );
}

function parsed<T>(text: string, heads: string, bind: (syntax: Syntax) => T): Result<T, QueryError> {
  try {
    return ok(bind(syntaxOf(text, heads)));
  } catch (error) {
    if (!(error instanceof QueryFault)) throw error;
    const { line, column } = error.at;
    return failed({ message: `line ${line}, column ${column}: ${error.reason}`, line, column });
  }
}

function syntaxOf(text: string, heads: string): Syntax {
  if (text.length > MAX_QUERY_LENGTH) {
    throw new QueryFault(`the text is longer than ${MAX_QUERY_LENGTH} characters`, { line: 1, column: 1 });
  }
  if (text.trim() === '') {
    throw new QueryFault(`the query is empty: expected ${heads}`, { line: 1, column: 1 });
  }
  const { tokens, errors } = lexer.tokenize(text);
  const [unreadable] = errors;
  if (unreadable) throw unreadableFault(text, unreadable);
  checkNesting(tokens);
  parser.input = tokens;
  const syntax = parser.query();
  const [wrong] = parser.errors;
  if (!wrong) return syntax;
  const at = tokens.indexOf(wrong.token);
  const hint = hintAt(tokens, at < 0 ? tokens.length : at);
  if (hint) {
    throw new QueryFault(hint.reason, {
      line: hint.token.startLine ?? 1,
      column: hint.token.startColumn ?? 1,
    });
  }
  throw new QueryFault(
    wrong.message,
    wrong.token.tokenType === EOF ||
      wrong.token.startLine === undefined ||
      Number.isNaN(wrong.token.startLine)
      ? endOfText(text)
      : { line: wrong.token.startLine, column: wrong.token.startColumn ?? 1 },
  );
}

function unreadableFault(text: string, error: ILexingError): QueryFault {
  const found = text[error.offset] ?? '';
  const hint = hintForCharacter(text.slice(error.offset, error.offset + 2));
  const unknown = hint
    ? `unexpected "${hint.found}": ${hint.advice}`
    : `unexpected character "${String.fromCodePoint(text.codePointAt(error.offset) ?? 0)}"`;
  const reason =
    found === "'" || found === '"'
      ? 'a text begins here and does not end: expected a closing quotation mark (inside a text, write \\\' or \\")'
      : unknown;
  return new QueryFault(reason, { line: error.line ?? 1, column: error.column ?? 1 });
}

function checkNesting(tokens: readonly IToken[]): void {
  let depth = 0;
  let nots = 0;
  for (const token of tokens) {
    if (token.tokenType === LeftParenthesis) depth += 1;
    if (token.tokenType === RightParenthesis) depth -= 1;
    nots = token.tokenType === Not ? nots + 1 : 0;
    if (depth + nots > MAX_NESTING) {
      throw new QueryFault(`nested more than ${MAX_NESTING} deep`, {
        line: token.startLine ?? 1,
        column: token.startColumn ?? 1,
      });
    }
  }
}

function endOfText(text: string): Place {
  const lines = text.trimEnd().split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
