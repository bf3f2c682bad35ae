import { compile, TreeInterpreter } from '@jmespath-community/jmespath';
import { failed, ok, type Result } from '@tributary/kernel';

/** A compiled JMESPath expression: finds a value in JSON, null where there is none. */
export type Expression = (value: unknown) => Result<unknown, string>;

type Tree = ReturnType<typeof compile>;

/** What an expression may be at most. */
export const EXPRESSION_LIMITS = {
  /** UTF-16 units of its text. */
  length: 1_000,
  /** Expressions within one another. */
  depth: 32,
  /** How many times as large as the value a result may be. */
  growth: 100,
} as const;

/** Functions whose result is no larger than their arguments. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...[
    'abs',
    'avg',
    'ceil',
    'contains',
    'ends_with',
    'floor',
    'from_items',
    'items',
    'join',
    'keys',
    'length',
  ],
  ...['lower', 'map', 'max', 'max_by', 'merge', 'min', 'min_by', 'not_null', 'reverse', 'sort', 'sort_by'],
  ...['split', 'starts_with', 'sum', 'to_array', 'to_number', 'to_string', 'trim', 'trim_left', 'trim_right'],
  ...['type', 'upper', 'values'],
]);
/** The root of the value, variables and arithmetic reach out of an expression's own part, so nothing bounds them. */
const REFUSED: ReadonlySet<string> = new Set([
  'Root',
  'LetExpression',
  'Variable',
  'Binding',
  'Arithmetic',
  'Unary',
]);

/** Compiles an expression, or says why it is none, or is one that could take too long. */
export function compileExpression(text: string): Result<Expression, string> {
  if (text.length > EXPRESSION_LIMITS.length) {
    return failed(`longer than ${EXPRESSION_LIMITS.length} characters`);
  }
  let tree: Tree;
  try {
    tree = compile(text);
  } catch (error) {
    return failed(`is no JMESPath expression: ${messageOf(error)}`);
  }
  const problem = problemOf(tree);
  return problem === undefined ? ok((value) => evaluate(tree, value)) : failed(problem);
}

function evaluate(tree: Tree, value: unknown): Result<unknown, string> {
  try {
    return ok(TreeInterpreter.search(tree, value as Parameters<typeof TreeInterpreter.search>[1]));
  } catch (error) {
    return failed(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What all nodes of the library's syntax trees have. */
interface Node {
  readonly type: string;
  readonly name?: unknown;
}

function problemOf(tree: Node): string | undefined {
  try {
    const growth = growthOf(tree, 0);
    if (growth <= EXPRESSION_LIMITS.growth) return undefined;
    return `could make more than ${EXPRESSION_LIMITS.growth} times as much of a body`;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

class Refused extends Error {}

/** An upper bound of a result's size, with the value's as one: alternatives add up, what follows multiplies. */
function growthOf(node: Node, depth: number): number {
  if (depth > EXPRESSION_LIMITS.depth)
    throw new Refused(`nested deeper than ${EXPRESSION_LIMITS.depth} levels`);
  if (REFUSED.has(node.type)) throw new Refused('uses $, variables or arithmetic, which mappings do without');
  if (node.type === 'Function' && !FUNCTIONS.has(String(node.name))) {
    throw new Refused(`uses the function ${String(node.name)}, which mappings do without`);
  }
  const parts = childrenOf(node).map((child) => growthOf(child, depth + 1));
  if (node.type === 'MultiSelectList' || node.type === 'MultiSelectHash' || node.type === 'OrExpression') {
    return Math.max(
      1,
      parts.reduce((sum, part) => sum + part, 0),
    );
  }
  if (node.type === 'Function' && node.name !== 'map') {
    return Math.max(
      1,
      parts.reduce((sum, part) => sum + part, 0),
    );
  }
  return parts.reduce((product, part) => product * part, 1);
}

function childrenOf(node: Node): readonly Node[] {
  // What a literal holds is a value, whatever it looks like.
  if (node.type === 'Literal') return [];
  return Object.values<unknown>({ ...node })
    .flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
