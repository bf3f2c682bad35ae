import {
  EmbeddedActionsParser,
  EOF,
  tokenLabel,
  type IOrAlt,
  type IParserErrorMessageProvider,
  type IToken,
  type ParserMethod,
  type TokenType,
} from 'chevrotain';
import { numberOf } from './decimals.js';
import * as T from './query-lexer.js';
import type { Argument, Call, Chain, Place, Syntax } from './query-syntax.js';

const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) => unexpected([expected], actual),
  buildNotAllInputParsedMessage: ({ firstRedundant }) => unexpected([T.And, T.Or, EOF], firstRedundant),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual }) =>
    unexpected(firstOf(expectedPathsPerAlt.flat()), actual[0]),
  buildEarlyExitMessage: ({ expectedIterationPaths, actual }) =>
    unexpected(firstOf(expectedIterationPaths), actual[0]),
};

function firstOf(paths: readonly (readonly TokenType[])[]): readonly TokenType[] {
  return paths.flatMap((path) => path.slice(0, 1));
}

function unexpected(expected: readonly TokenType[], actual: IToken | undefined): string {
  const labels = [...new Set(expected.map((type) => (type === EOF ? 'the end' : tokenLabel(type))))];
  const list =
    labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} or ${labels.at(-1) ?? ''}`;
  const found = !actual || actual.tokenType === EOF ? 'the end' : `"${actual.image}"`;
  return `expected ${list} but found ${found}`;
}

function placeOf(token: IToken): Place {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

function endOf(token: IToken): Place {
  return { line: token.endLine ?? 1, column: (token.endColumn ?? 0) + 1 };
}

function joined(kind: 'and' | 'or', operands: readonly [Syntax, ...Syntax[]]): Syntax {
  return operands.length === 1 ? operands[0] : { kind, operands, at: operands[0].at };
}

/** The grammar: which texts are well formed, whatever the names in them. */
export class QueryParser extends EmbeddedActionsParser {
  constructor() {
    super(T.TOKENS, { errorMessageProvider });
    this.performSelfAnalysis();
  }

  readonly query: ParserMethod<[], Syntax> = this.RULE('query', () => this.SUBRULE(this.disjunction));

  private readonly disjunction: ParserMethod<[], Syntax> = this.RULE('disjunction', () => {
    const operands: [Syntax, ...Syntax[]] = [this.SUBRULE(this.conjunction)];
    this.MANY(() => {
      this.CONSUME(T.Or);
      operands.push(this.SUBRULE2(this.conjunction));
    });
    return joined('or', operands);
  });

  private readonly conjunction: ParserMethod<[], Syntax> = this.RULE('conjunction', () => {
    const operands: [Syntax, ...Syntax[]] = [this.SUBRULE(this.negation)];
    this.MANY(() => {
      this.CONSUME(T.And);
      operands.push(this.SUBRULE2(this.negation));
    });
    return joined('and', operands);
  });

  private readonly negation: ParserMethod<[], Syntax> = this.RULE('negation', () => {
    const nots: Place[] = [];
    this.MANY(() => nots.push(placeOf(this.CONSUME(T.Not))));
    const operand = this.OR<IOrAlt<Syntax>[]>([
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          const inner = this.SUBRULE(this.disjunction);
          this.CONSUME(T.RightParenthesis);
          return inner;
        },
      },
      { ALT: () => this.SUBRULE(this.comparison) },
    ]);
    return nots.reduceRight<Syntax>((inner, at) => ({ kind: 'not', operand: inner, at }), operand);
  });

  private readonly comparison: ParserMethod<[], Syntax> = this.RULE('comparison', () => {
    const left = this.SUBRULE(this.operand);
    let whole: Syntax = left;
    this.OPTION(() => {
      const operator = this.CONSUME(T.Operator);
      const right = this.SUBRULE2(this.operand);
      whole = { kind: 'compare', left, op: operator.image, right, at: placeOf(operator) };
    });
    return whole;
  });

  private readonly operand: ParserMethod<[], Syntax> = this.RULE('operand', () =>
    this.OR<IOrAlt<Syntax>[]>([
      { ALT: () => this.SUBRULE(this.chain) },
      {
        ALT: () => {
          const token = this.CONSUME(T.Text);
          return { kind: 'literal', value: T.unquote(token), at: placeOf(token) };
        },
      },
      { ALT: () => this.SUBRULE(this.quantity) },
      { ALT: () => ({ kind: 'literal', value: true, at: placeOf(this.CONSUME(T.True)) }) },
      { ALT: () => ({ kind: 'literal', value: false, at: placeOf(this.CONSUME(T.False)) }) },
      { ALT: () => ({ kind: 'star', at: placeOf(this.CONSUME(T.Star)) }) },
      { ALT: () => this.SUBRULE(this.options) },
    ]),
  );

  private readonly quantity: ParserMethod<[], Syntax> = this.RULE('quantity', () => {
    const token = this.CONSUME(T.Numeral);
    const at = placeOf(token);
    const amount = Number(token.image) + 0;
    let quantity: Syntax = { kind: 'literal', value: this.ACTION(() => numberOf(token.image)), at };
    this.OPTION1({
      GATE: () => this.LA(2).tokenType !== T.LeftParenthesis,
      DEF: () => {
        quantity = { kind: 'duration', amount, unit: this.CONSUME(T.Name).image, at };
      },
    });
    this.OPTION2(() => {
      this.CONSUME(T.Percent);
      quantity = { kind: 'percent', amount, at };
    });
    return quantity;
  });

  private readonly chain: ParserMethod<[], Chain> = this.RULE('chain', () => {
    const first = this.SUBRULE(this.call);
    const calls: [Call, ...Call[]] = [first];
    this.MANY(() => {
      this.CONSUME(T.Dot);
      calls.push(this.SUBRULE2(this.call));
    });
    return { kind: 'chain' as const, calls, at: first.at };
  });

  private readonly call: ParserMethod<[], Call> = this.RULE('call', () => {
    const name = this.CONSUME(T.Name);
    this.CONSUME(T.LeftParenthesis);
    const args = this.SUBRULE(this.args);
    const close = this.CONSUME(T.RightParenthesis);
    return { name: name.image, args, at: placeOf(name), end: endOf(close) };
  });

  private readonly options: ParserMethod<[], Syntax> = this.RULE('options', () => {
    const open = this.CONSUME(T.LeftBrace);
    const args = this.SUBRULE(this.args);
    this.CONSUME(T.RightBrace);
    return { kind: 'options' as const, args, at: placeOf(open) };
  });

  private readonly args: ParserMethod<[], Argument[]> = this.RULE('args', () => {
    const args: Argument[] = [];
    this.MANY_SEP({ SEP: T.Comma, DEF: () => args.push(this.SUBRULE(this.argument)) });
    return args;
  });

  private readonly argument: ParserMethod<[], Argument> = this.RULE('argument', () => {
    const label = this.OPTION(() => {
      const name = this.CONSUME(T.Name);
      this.CONSUME(T.Colon);
      return name;
    });
    const value = this.SUBRULE(this.disjunction);
    const as = this.OPTION2(() => {
      this.CONSUME(T.As);
      return this.CONSUME2(T.Name).image;
    });
    return {
      ...(label ? { label: label.image } : {}),
      value,
      ...(as === undefined ? {} : { as }),
      at: label ? placeOf(label) : this.ACTION(() => value.at),
    };
  });
}
