import { numberOf } from './decimals.js';
import { MAX_WITHIN_MS } from './durations.js';
import {
  isBounded,
  isExact,
  type Comparison,
  type Filter,
  type Literal,
  type TimelessComparison,
} from './filter.js';
import { isInstant } from './instants.js';
import { join } from './normal-form.js';
import { fault, listAt, memberAt, onlyMembers, textAt, wordAt, type Node } from './tree.js';

const ORDER = ['=', '!=', '>', '>=', '<', '<='] as const;
const TEXT_LIST = ['contains', 'omits', 'starts_with', 'ends_with'] as const;
const DATES = ['before_date', 'after_date'] as const;
const AGES = ['within_last', 'before_last', 'within_next', 'after_next'] as const;
const OPERATORS = [
  ...ORDER,
  'exists',
  'absent',
  ...TEXT_LIST,
  'one_of',
  'none_of',
  ...DATES,
  ...AGES,
] as const;

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
        comparison: withoutAge(memberAt(node, 'comparison')),
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
    case 'before_date':
    case 'after_date': {
      onlyMembers(node, ['op', 'value']);
      const { value } = node.value;
      if (typeof value !== 'string' || !isInstant(value))
        throw fault(node, 'value', 'a date or an instant, such as "2026-06-01" or "2026-06-01T12:00:00Z"');
      return { op, value };
    }
    case 'within_last':
    case 'before_last':
    case 'within_next':
    case 'after_next':
      onlyMembers(node, ['op', 'ms']);
      return { op, ms: durationAt(node, 'ms') };
    default: {
      onlyMembers(node, ['op', 'value']);
      const value = node.value.value;
      if (!isLiteral(value)) throw fault(node, 'value', 'a text, a finite number, true or false');
      return { op, value: normal(value) };
    }
  }
}

/** An event is looked at once, as it comes. */
function withoutAge(node: Node): TimelessComparison {
  const comparison = checkComparison(node);
  if ('ms' in comparison) throw fault(node, 'op', 'one that does not change as time passes');
  return comparison;
}

/** A member that is a time: whole seconds, in milliseconds. */
export function durationAt(node: Node, name: string): number {
  const value = node.value[name];
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value % 1_000 === 0;
  if (isWhole && value >= 1_000 && value <= MAX_WITHIN_MS) return value;
  throw fault(node, name, `whole seconds, in milliseconds, from 1000 to ${MAX_WITHIN_MS}`);
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
