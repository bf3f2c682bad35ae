import { numberOf } from './decimals.js';
import { isBounded, isExact, type Comparison, type Filter, type Literal } from './definition.js';
import { join } from './normal-form.js';
import { fault, listAt, memberAt, onlyMembers, textAt, wordAt, type Node } from './tree.js';

const ORDER = ['=', '!=', '>', '>=', '<', '<='] as const;
const TEXT_LIST = ['contains', 'omits', 'starts_with', 'ends_with'] as const;
const OPERATORS = [...ORDER, 'exists', 'absent', ...TEXT_LIST, 'one_of', 'none_of'] as const;

/** Reads a condition on one event from JSON. Throws a TreeFault at what is none. */
export function checkFilter(node: Node): Filter {
  const kind = wordAt(node, 'kind', ['and', 'or', 'not', 'property', 'context'] as const);
  switch (kind) {
    case 'and':
    case 'or':
      onlyMembers(node, ['kind', 'operands']);
      return join<Filter>(kind, listAt(node, 'operands', 2).map(checkFilter));
    case 'not':
      onlyMembers(node, ['kind', 'operand']);
      return { kind, operand: checkFilter(memberAt(node, 'operand')) };
    default:
      onlyMembers(node, ['kind', 'path', 'comparison']);
      return {
        kind,
        path: textAt(node, 'path'),
        comparison: checkComparison(memberAt(node, 'comparison')),
      };
  }
}

/** Reads a comparison from JSON. Throws a TreeFault at what is none. */
export function checkComparison(node: Node): Comparison {
  const op = wordAt(node, 'op', OPERATORS);
  switch (op) {
    case 'exists':
    case 'absent':
      onlyMembers(node, ['op']);
      return { op };
    case 'one_of':
    case 'none_of':
      onlyMembers(node, ['op', 'values']);
      return { op, values: literalsAt(node, isLiteral, 'texts, finite numbers, true or false') };
    case 'contains':
    case 'omits':
    case 'starts_with':
    case 'ends_with':
      onlyMembers(node, ['op', 'values']);
      return { op, values: literalsAt(node, (value) => typeof value === 'string', 'texts') };
    default: {
      onlyMembers(node, ['op', 'value']);
      const value = node.value.value;
      if (!isLiteral(value)) throw fault(node, 'value', 'a text, a finite number, true or false');
      return { op, value: normal(value) };
    }
  }
}

function literalsAt(
  node: Node,
  accepts: (value: unknown) => value is Literal,
  what: string,
): readonly Literal[] {
  const values: unknown = node.value.values;
  if (!Array.isArray(values) || values.length === 0 || !values.every(accepts)) {
    throw fault(node, 'values', `a list, not empty, of ${what}`);
  }
  return values.map(normal);
}

function isLiteral(value: unknown): value is Literal {
  if (isExact(value)) return isBounded(value);
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** Minus nought is nought, and a number has one form. */
function normal(value: Literal): Literal {
  if (isExact(value)) return numberOf(value.number);
  return value === 0 ? 0 : value;
}
