import { isExact, type Literal } from './definition.js';

/** Where something begins in a text: line and column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `name(arguments)`. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly at: Place;
  /** After its closing parenthesis. */
  readonly end: Place;
}

/** A value in parentheses, perhaps `label: value`, perhaps `value as type`. */
export interface Argument {
  readonly label?: string;
  readonly value: Syntax;
  readonly as?: string;
  readonly at: Place;
}

/** `a(…).b(…).c(…)`. */
export interface Chain {
  readonly kind: 'chain';
  readonly calls: readonly [Call, ...Call[]];
  readonly at: Place;
}

/** What the grammar makes of a text, before names have a meaning. */
export type Syntax =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Syntax[]; readonly at: Place }
  | { readonly kind: 'not'; readonly operand: Syntax; readonly at: Place }
  | {
      readonly kind: 'compare';
      readonly left: Syntax;
      readonly op: string;
      readonly right: Syntax;
      readonly at: Place;
    }
  | Chain
  | { readonly kind: 'literal'; readonly value: Literal; readonly at: Place }
  | { readonly kind: 'duration'; readonly amount: number; readonly unit: string; readonly at: Place }
  | { readonly kind: 'percent'; readonly amount: number; readonly at: Place }
  | { readonly kind: 'options'; readonly args: readonly Argument[]; readonly at: Place }
  | { readonly kind: 'star'; readonly at: Place };

/** Carries an error out of the depth of a text; it never leaves this library. */
export class QueryFault extends Error {
  constructor(
    readonly reason: string,
    readonly at: Place,
  ) {
    super(reason);
    this.name = 'QueryFault';
  }
}

/** What stands in a text, as an error names it. */
export function describe(syntax: Syntax): string {
  switch (syntax.kind) {
    case 'literal':
      if (isExact(syntax.value)) return syntax.value.number;
      return typeof syntax.value === 'string' ? `the text '${syntax.value}'` : String(syntax.value);
    case 'chain':
      return `${syntax.calls[0].name}(…)`;
    case 'duration':
      return `${syntax.amount} ${syntax.unit}`;
    case 'percent':
      return `${syntax.amount}%`;
    case 'star':
      return '*';
    case 'options':
      return 'options in braces';
    default:
      return 'a condition';
  }
}
