import { printDuration } from './durations.js';
import { isExact, type CallSelector, type Comparison, type Filter, type Literal } from './filter.js';

interface Selection {
  readonly call: CallSelector;
  readonly name?: string;
  readonly where?: Filter;
}

/** The normal text of what selects events, without window and reducer: `event('A').where(property('x') = 1)`. */
export function printSelection({ call, name, where }: Selection): string {
  return `${printSelector(call, name)}${where ? `.where(${printFilter(where)})` : ''}`;
}

function printSelector(call: CallSelector, name: string | undefined): string {
  switch (call) {
    case 'any':
      return 'event(*)';
    case 'track':
      return `event(${printText(name ?? '')})`;
    case 'page':
    case 'screen':
      return `${call}(${name === undefined ? '*' : printText(name)})`;
    default:
      return `${call}()`;
  }
}

function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return filter.operands.map((o) => grouped(printFilter(o), o.kind === 'or')).join(' AND ');
    case 'or':
      return filter.operands.map((o) => grouped(printFilter(o), false)).join(' OR ');
    case 'not':
      return `NOT (${printFilter(filter.operand)})`;
    default:
      return printCompared(`${filter.kind}(${printText(filter.path)})`, filter.comparison);
  }
}

/** A value and what it is compared with. */
export function printCompared(left: string, comparison: Comparison): string {
  if ('ms' in comparison) return `${left}.${comparison.op}(${printDuration(comparison.ms)})`;
  if (comparison.op === 'before_date' || comparison.op === 'after_date')
    return `${left}.${comparison.op}(${printText(comparison.value)})`;
  if ('values' in comparison)
    return `${left}.${comparison.op}(${comparison.values.map(printLiteral).join(', ')})`;
  if ('value' in comparison) return `${left} ${comparison.op} ${printLiteral(comparison.value)}`;
  return `${left}.${comparison.op}()`;
}

/** In parentheses where that is asked for. */
export function grouped(text: string, parentheses: boolean): string {
  return parentheses ? `(${text})` : text;
}

function printLiteral(literal: Literal): string {
  if (isExact(literal)) return literal.number;
  return typeof literal === 'string' ? printText(literal) : String(literal);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Quotes a text; what cannot be seen is escaped, so that the text stays on one line. */
export function printText(text: string): string {
  const escaped = text.replace(/['\\\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => {
    return ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `'${escaped}'`;
}
