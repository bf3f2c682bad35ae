import { momentOf } from '../instants.js';
import { letSql, type Expression } from './expressions.js';

const INSTANT =
  '^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.]([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2})))?$';

/**
 * The order of a text and an instant, where both are instants: -1, 0 or 1; null where the text is none. Undefined where
 * the other is none.
 */
export function compareInstantSql(text: Expression, other: string): Expression | undefined {
  const moment = momentOf(other);
  if (!moment) return undefined;
  const constant = `(toInt64(${moment.seconds}), toInt64(${moment.fraction}))`;
  return letSql(
    'moment',
    momentSql(text),
    `if(moment.1, multiIf((moment.2, moment.3) = ${constant}, 0, (moment.2, moment.3) < ${constant}, -1, 1), NULL)`,
  );
}

const part = (i: number) => `toInt64OrZero(parts[${i}])`;
const IS_LEAP = `(${part(1)} % 4 = 0 AND (${part(1)} % 100 != 0 OR ${part(1)} % 400 = 0))`;
const DAYS_OF_MONTH = `[31, if(${IS_LEAP}, 29, 28), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][${part(2)}]`;
const IS_VALID = [
  'notEmpty(parts)',
  `${part(2)} BETWEEN 1 AND 12`,
  `${part(3)} BETWEEN 1 AND ${DAYS_OF_MONTH}`,
  `${part(4)} <= 23 AND ${part(5)} <= 59 AND ${part(6)} <= 59 AND ${part(9)} <= 23 AND ${part(10)} <= 59`,
].join(' AND ');

/** Days since 1970 of a date of the proleptic calendar; years begin in March, so that leap days come last. */
const MARCH_YEAR = `(${part(1)} - if(${part(2)} <= 2, 1, 0))`;
const YEAR_DAYS = `intDiv(153 * (${part(2)} + if(${part(2)} > 2, -3, 9)) + 2, 5) + ${part(3)} - 1`;
const DAYS = `(365 * ${MARCH_YEAR} + toInt64(floor(${MARCH_YEAR} / 4)) - toInt64(floor(${MARCH_YEAR} / 100)) + toInt64(floor(${MARCH_YEAR} / 400)) + ${YEAR_DAYS} - 719468)`;
const OFFSET = `if(parts[8] = '-', -1, 1) * (${part(9)} * 60 + ${part(10)}) * 60`;
const SECONDS = `${DAYS} * 86400 + ${part(4)} * 3600 + ${part(5)} * 60 + ${part(6)} - ${OFFSET}`;

/** (whether it is an instant, seconds since 1970, nanoseconds). */
export function momentSql(text: Expression): Expression {
  return letSql(
    'parts',
    `extractGroups(${text}, '${INSTANT}')`,
    `(${IS_VALID}, toInt64(${SECONDS}), toInt64OrZero(rightPad(parts[7], 9, '0')))`,
  );
}
