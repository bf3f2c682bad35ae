import { RE2JS } from 're2js';

/** A regular expression as ajv uses it. */
export interface Pattern {
  test(text: string): boolean;
  /** Ajv takes patterns of the same text for the same pattern. */
  toString(): string;
}

/**
 * Compiles a regular expression whose matching takes time in proportion to the text, whatever the expression: an
 * automaton, not JavaScript's backtracking. Throws for what an automaton cannot do: look-around, back references.
 */
export function linearPattern(source: string): Pattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  return { test: (text) => compiled.matcher(text).find(), toString: () => source };
}
