import type { MergeStrategy } from '../merges/merge-strategy.js';
import { isNumberSql, orderKeySql, printScaledSql, scaledSql } from './decimals.sql.js';
import { letSql, type Expression } from './expressions.js';
import { momentSql } from './instants.sql.js';
import { scalarsSql } from './paths.sql.js';
import { NUMBER_TEXT, SCALED_BOUND, TEXT } from './scalars.sql.js';

/**
 * How the trait of a person comes of identify calls. Of a call there are the columns `raw`, the JSON that it sent (empty
 * where it sent none), and `place`: (time, reception, sequence, messageId).
 */
export interface SentTraitSql {
  /** What is read of a call beside `raw`; absent where nothing is. */
  readonly read?: (raw: Expression) => Expression;
  /** What is made of all calls. */
  readonly fold: (raw: Expression, read: Expression) => Expression;
  /** The JSON of what was made, empty or `null` where there is none; absent where it is that. */
  readonly show?: (folded: Expression) => Expression;
}

const isSent = (raw: Expression) => `${raw} NOT IN ('', 'null')`;
const isScalar = (raw: Expression) => `${isSent(raw)} AND left(${raw}, 1) NOT IN ('[', '{')`;

/** (type, order): numbers, then instants, then other texts, then booleans, each in their order. */
function orderOf(raw: Expression): Expression {
  const plain = '(toInt64(0), toInt64(0), text)';
  const key = `multiIf(${isNumberSql('text')}, (0, ${orderKeySql('text')}), NOT startsWith(${raw}, '"'), (3, ${plain}), moment.1, (1, (moment.2, moment.3, '')), (2, ${plain}))`;
  return letSql('part', raw, letSql('text', TEXT, letSql('moment', momentSql('text'), key)));
}

function numbersIn(raw: Expression): Expression {
  const texts = `arrayMap(part -> ${TEXT}, arrayFilter(part -> part NOT IN ('true', 'false'), ${scalarsSql(`[${raw}]`)}))`;
  const scaled = `arrayMap(text -> ${scaledSql('text')}, arrayFilter(text -> ${isNumberSql('text')}, ${texts}))`;
  return `arrayMap(one -> assumeNotNull(one), arrayFilter(one -> one IS NOT NULL, ${scaled}))`;
}

/** Of texts that read the same the first, which is no text where one of them is none; in the order of the texts. */
function listOf(folded: Expression): Expression {
  const isFirst = '(one, i) -> i = 1 OR sorted[i - 1].1 != one.1';
  const list = `concat('[', arrayStringConcat(arrayMap(one -> one.2, arrayFilter(${isFirst}, sorted, arrayEnumerate(sorted))), ','), ']')`;
  return `if(empty(${folded}), '', ${letSql('sorted', `arraySort(one -> (one.1, startsWith(one.2, '"')), ${folded})`, list)})`;
}

/** By each strategy, as `mergedTrait` has it, but for the bounds of what is kept. */
export const SENT_TRAITS: Readonly<Record<MergeStrategy, SentTraitSql>> = {
  latest: { fold: (raw) => `argMaxIf(${raw}, place, ${raw} != '')` },
  earliest: { fold: (raw) => `argMinIf(${raw}, place, ${isSent(raw)})` },
  non_empty: { fold: (raw) => `argMaxIf(${raw}, place, ${raw} NOT IN ('', 'null', '""', '[]'))` },
  min: { read: orderOf, fold: (raw, order) => `argMinIf(${raw}, (${order}, place), ${isScalar(raw)})` },
  max: {
    read: orderOf,
    // Of equal values the first call.
    fold: (raw, order) =>
      `argMaxIf(${raw}, (-${order}.1, ${order}.2, -place.1, -place.2, -toInt64(place.3)), ${isScalar(raw)})`,
  },
  union: {
    read: (raw) =>
      `arrayFilter(one -> one.1 != '', arrayMap(part -> (${TEXT}, if(startsWith(part, '"'), part, ${NUMBER_TEXT})), ${scalarsSql(`[${raw}]`)}))`,
    fold: (_raw, read) => `groupUniqArrayArray(${read})`,
    show: listOf,
  },
  add: {
    read: numbersIn,
    fold: (_raw, read) => `(sum(length(${read})), sumArray(${read}))`,
    show: (folded) =>
      `if(${folded}.1 = 0 OR abs(${folded}.2) >= toInt256('${SCALED_BOUND}'), '', ${printScaledSql(`${folded}.2`)})`,
  },
};
