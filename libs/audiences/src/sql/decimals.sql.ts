import { decimalOf } from '../decimals.js';
import { MAX_DIGITS } from '../definition.js';
import { letSql, textSql, type Expression } from './expressions.js';

const NUMBER = '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$';
/** Exponents beyond it are all the same: nothing else has so many digits. */
const FAR = 100_000;

/** Whether a text is a number, as the rules for values have it. */
export function isNumberSql(text: Expression): Expression {
  return `match(${text}, '${NUMBER}')`;
}

/**
 * A text that is a number as (sign, place of the point behind the first digit that is not nought, digits without noughts
 * before and behind them): the order of two of these is that of the numbers, to the last digit.
 */
function digitsSql(text: Expression): Expression {
  const parts = letSql(
    'halves',
    `splitByChar('e', replaceRegexpOne(lower(${text}), '^[+-]', ''))`,
    `(splitByChar('.', halves[1]), toInt64(greatest(-${FAR}, least(${FAR}, toFloat64OrZero(halves[2])))))`,
  );
  const digits = letSql('part', parts, '(concat(part.1[1], part.1[2]), toInt64(length(part.1[1])) + part.2)');
  const stripped = letSql(
    'whole',
    digits,
    `(trim(TRAILING '0' FROM trim(LEADING '0' FROM whole.1)), whole.2 - toInt64(length(whole.1) - length(trim(LEADING '0' FROM whole.1))))`,
  );
  return letSql(
    'bare',
    stripped,
    `(multiIf(bare.1 = '', 0, startsWith(${text}, '-'), -1, 1), if(bare.1 = '', 0, bare.2), bare.1)`,
  );
}

/**
 * A text that is a number as billionths, cut off behind the ninth digit; null of one that Decimal(38, 9) does not hold or
 * that is longer than is read.
 */
export function scaledSql(text: Expression): Expression {
  const count = 'toInt64(number.2) + 9';
  const billionths = `toInt256(rightPad(substring(number.3, 1, toUInt64(greatest(1, ${count}))), toUInt64(greatest(1, ${count})), '0'))`;
  return letSql(
    'number',
    digitsSql(text),
    `multiIf(length(${text}) > ${MAX_DIGITS} OR number.2 > 29, NULL, ${count} <= 0, toInt256(0), number.1 * ${billionths})`,
  );
}

/** What orders texts that are numbers as these are, to the last digit: (Int64, Int64, String). */
export function orderKeySql(text: Expression): Expression {
  // Of negative numbers more digits are less: nines for noughts, and a sign behind them that comes after all.
  const digits = "if(number.1 < 0, concat(translate(number.3, '0123456789', '9876543210'), ':'), number.3)";
  return letSql(
    'number',
    digitsSql(text),
    `(toInt64(number.1), toInt64(number.1) * toInt64(number.2), ${digits})`,
  );
}

/** Billionths as a decimal number: as few digits as say the same. */
export function printScaledSql(scaled: Expression): Expression {
  return letSql(
    'billionths',
    scaled,
    letSql(
      'fraction',
      "trim(TRAILING '0' FROM leftPad(toString(abs(billionths) % 1000000000), 9, '0'))",
      "concat(if(billionths < 0, '-', ''), toString(intDiv(abs(billionths), toInt256(1000000000))), if(fraction = '', '', concat('.', fraction)))",
    ),
  );
}

/** The order of a text that is a number and another number: -1, 0 or 1. */
export function compareNumberSql(text: Expression, other: string): Expression {
  const { s, e, c } = decimalOf(other);
  const isZero = c.every((digit) => digit === 0);
  const sign = isZero ? 0 : s;
  const [point, digits] = isZero ? [0, ''] : [e + 1, c.join('').replace(/0+$/, '')];
  const constant = `(toInt64(${point}), ${textSql(digits)})`;
  return letSql(
    'number',
    digitsSql(text),
    `multiIf(number.1 != ${sign}, if(number.1 < ${sign}, -1, 1), (toInt64(number.2), number.3) = ${constant}, 0, ((toInt64(number.2), number.3) < ${constant}) = (number.1 > 0), -1, 1)`,
  );
}
