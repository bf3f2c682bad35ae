import {
  isExact,
  type AgeComparison,
  type Comparison,
  type Filter,
  type Literal,
  type OrderOperator,
  type TimelessComparison,
} from '../filter.js';
import type { EventSelection } from '../aggregate-matching.js';
import { compareNumberSql, isNumberSql } from './decimals.sql.js';
import { compareInstantSql, momentSql } from './instants.sql.js';
import { elementsSql, valuesAtSql } from './paths.sql.js';
import { letSql, textSql, type Expression } from './expressions.js';
import type { TextOf } from './texts.js';
import { numberTextOfLiteral } from '../values.js';

/** Of values that are alike, unequal and without an order. */
const UNORDERED = 2;
/** Of values that are unlike. */
const UNLIKE = 3;

/** Which rows of `events_log_by_profile` are events of a selection, but for its filter. */
export function callSql({ call, name }: EventSelection, textOf: TextOf = textSql): Expression {
  if (call === 'any') return 'true';
  const ofCall = `type = '${call}'`;
  if (name === undefined) return ofCall;
  return `${ofCall} AND ${call === 'track' ? 'event' : 'name'} = ${textOf(name)}`;
}

/** A filter, as `compileAggregate` tests it, and the columns that it reads: each value that it tests is found once. */
export interface FilterSql {
  readonly test: Expression;
  /** By name. */
  readonly columns: ReadonlyMap<string, Expression>;
}

/** The filter of a selection; true where it has none. */
export function filterOf({ call, where }: EventSelection, textOf: TextOf = textSql): FilterSql {
  const names = new Map<Expression, string>();
  const elementsOf = (object: Expression, path: string) => {
    const elements = elementsSql(valuesAtSql(object, path, textOf));
    const name = names.get(elements) ?? `tested${names.size}`;
    names.set(elements, name);
    return name;
  };
  const test = testOf({ call, ...(where && { where }) }, { elementsOf, textOf });
  return { test, columns: new Map([...names].map(([elements, name]) => [name, elements])) };
}

/** The test of a filter alone; true where there is none. */
export function testOf({ call, where }: EventSelection, names: FilterNames): Expression {
  return where ? filterSql(where, objectOf(call), names) : 'true';
}

/** The column that `property` reads. */
export function objectOf(call: EventSelection['call']): Expression {
  if (call === 'any') return "if(type IN ('identify', 'group'), traits, properties)";
  return call === 'identify' || call === 'group' ? 'traits' : 'properties';
}

/** How filters read. */
export interface FilterNames {
  /** What stands for the elements of the values at a path. */
  readonly elementsOf: (object: Expression, path: string) => Expression;
  readonly textOf: TextOf;
}

function filterSql(filter: Filter, properties: Expression, names: FilterNames): Expression {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.operands.map((one) => filterSql(one, properties, names)).join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `NOT (${filterSql(filter.operand, properties, names)})`;
    default: {
      const object = filter.kind === 'context' ? 'context' : properties;
      return comparisonSql(names.elementsOf(object, filter.path), filter.comparison, names.textOf);
    }
  }
}

/** Whether elements, with whether each is of a list, stand in a comparison. */
export function comparisonSql(
  elements: Expression,
  comparison: TimelessComparison,
  textOf: TextOf = textSql,
): Expression {
  const some = (test: Expression) => `arrayExists(element -> ${test}, ${elements})`;
  const orderOf = (literal: Literal) => orderSql('element.1', literal, textOf);
  const isAny = (values: readonly Literal[], test: (order: Expression) => Expression) =>
    `(${values.map((value) => test(orderOf(value))).join(' OR ')})`;
  const equals = (values: readonly Literal[]) => isAny(values, (one) => `${one} = 0`);
  const isLike = (values: readonly Literal[]) => isAny(values, (one) => `${one} != ${UNLIKE}`);
  switch (comparison.op) {
    case 'exists':
      return `notEmpty(${elements})`;
    case 'absent':
      return `empty(${elements})`;
    case '!=':
    case 'none_of': {
      const values = 'value' in comparison ? [comparison.value] : comparison.values;
      return `(NOT ${some(equals(values))} AND ${some(isLike(values))})`;
    }
    case 'one_of':
      return some(equals(comparison.values));
    case 'contains':
    case 'omits': {
      const { values } = comparison;
      const contains = `if(element.2, ${equals(values)}, ${ofTexts(values, (part) => `position(${TEXT}, ${part}) > 0`, textOf)})`;
      if (comparison.op === 'contains') return some(contains);
      return `(${some(IS_TEXT)} AND NOT ${some(contains)})`;
    }
    case 'before_date':
    case 'after_date': {
      const order = compareInstantSql(TEXT, comparison.value) ?? 'NULL';
      return some(`(${IS_TEXT} AND ifNull(${order} = ${comparison.op === 'before_date' ? -1 : 1}, false))`);
    }
    case 'starts_with':
      return some(ofTexts(comparison.values, (part) => `startsWith(${TEXT}, ${part})`, textOf));
    case 'ends_with':
      return some(ofTexts(comparison.values, (part) => `endsWith(${TEXT}, ${part})`, textOf));
    default:
      return some(`${orderOf(comparison.value)} IN (${ORDERS[comparison.op].join(', ')})`);
  }
}

/** The same of a comparison whose answer changes as time passes: at an instant, in milliseconds since 1970. */
export function comparisonAtSql(
  elements: Expression,
  comparison: Comparison,
  { at, textOf = textSql }: { readonly at: number; readonly textOf?: TextOf },
): Expression {
  if (!('ms' in comparison)) return comparisonSql(elements, comparison, textOf);
  const isOfAge = letSql('moment', momentSql(TEXT), `(moment.1 AND ${ageSql(comparison, at)})`);
  return `arrayExists(element -> (${IS_TEXT} AND ${isOfAge}), ${elements})`;
}

/** Of `moment`, whose first millisecond is compared. */
function ageSql({ op, ms }: AgeComparison, at: number): Expression {
  const time = '(moment.2 * 1000 + intDiv(moment.3 + 999999, 1000000))';
  const [now, past, next] = [at, at - ms, at + ms].map((instant) => `toInt64(${Math.trunc(instant)})`);
  switch (op) {
    case 'within_last':
      return `${time} <= ${now} AND ${time} > ${past}`;
    case 'before_last':
      return `${time} <= ${past}`;
    case 'within_next':
      return `${time} > ${now} AND ${time} <= ${next}`;
    case 'after_next':
      return `${time} > ${next}`;
  }
}

const ORDERS: Readonly<Record<Exclude<OrderOperator, '!='>, readonly number[]>> = {
  '=': [0],
  '>': [1],
  '>=': [0, 1],
  '<': [-1],
  '<=': [-1, 0],
};

const IS_TEXT = `startsWith(element.1, '"')`;
const TEXT = 'JSONExtractString(element.1)';

function ofTexts(
  values: readonly Literal[],
  test: (part: Expression) => Expression,
  textOf: TextOf,
): Expression {
  const tests = values.map((value) => test(textOf(isExact(value) ? value.number : String(value))));
  return `(${IS_TEXT} AND (${tests.join(' OR ')}))`;
}

/** How the JSON of a value stands to a literal: -1, 0, 1, {@link UNORDERED} or {@link UNLIKE}. */
function orderSql(raw: Expression, literal: Literal, textOf: TextOf): Expression {
  const isText = `startsWith(${raw}, '"')`;
  const isBoolean = `${raw} IN ('true', 'false')`;
  const text = `JSONExtractString(${raw})`;
  const isNumber = `match(${raw}, '^[-0-9]')`;
  if (typeof literal === 'boolean') {
    const read = `if(${isText}, lower(${text}), ${raw})`;
    return `multiIf(${read} NOT IN ('true', 'false'), ${UNLIKE}, ${read} = '${literal}', 0, ${UNORDERED})`;
  }
  const number = numberTextOfLiteral(literal);
  const asNumber = number === undefined ? String(UNLIKE) : compareNumberSql(raw, number);
  if (typeof literal !== 'string') {
    const ofText =
      number === undefined
        ? String(UNLIKE)
        : `if(${isNumberSql(text)}, ${compareNumberSql(text, number)}, ${UNLIKE})`;
    return `multiIf(${isText}, ${ofText}, ${isNumber}, ${asNumber}, ${UNLIKE})`;
  }
  const lower = literal.toLowerCase();
  const asBoolean = ['true', 'false'].includes(lower)
    ? `if(${raw} = '${lower}', 0, ${UNORDERED})`
    : String(UNLIKE);
  const byBytes = `multiIf(${text} = ${textOf(literal)}, 0, ${text} < ${textOf(literal)}, -1, 1)`;
  const byTime = compareInstantSql(text, literal);
  const asText = byTime === undefined ? byBytes : `ifNull(${byTime}, ${byBytes})`;
  return `multiIf(${isText}, ${asText}, ${isBoolean}, ${asBoolean}, ${isNumber}, ${asNumber}, ${UNLIKE})`;
}
