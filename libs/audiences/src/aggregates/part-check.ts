import type { Entry } from './aggregate-kinds.js';
import type { Ranked } from './ranked.js';
import type { AggregateKind, ValueSource } from './typed-aggregate.js';

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === 'string';
const isScalar: Check = (value) => isText(value) || isNumber(value) || typeof value === 'boolean';
const isDecimal: Check = (value) => isText(value) && /^-?\d{1,80}(\.\d{1,9})?$/.test(value as string);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const isTrue: Check = (value) => value === true;
const isJson: Check = (value) => {
  if (!isText(value)) return false;
  try {
    JSON.parse(value as string);
    return true;
  } catch {
    return false;
  }
};
const occurrence = [isNumber, isText, isNumber, isCount, optional(orNull(isScalar)), optional(isTrue)];
const countedValue = [isText, isScalar, isCount, isNumber, isNumber, optional(isTrue)];
const picked = [isNumber, isText, isNumber, isCount, isJson, isText, isText, optional(isTrue)];
const measureOf = (border: Check) => [
  ...[isCount, isCount, isDecimal, orNull(border), orNull(border)],
  ...[isCount, isCount],
];

function shapeOf(kind: AggregateKind, as: ValueSource['as']): readonly Check[] {
  const measure = measureOf(as === 'text' ? isText : isDecimal);
  switch (kind) {
    case 'latest':
    case 'earliest':
      return occurrence;
    case 'total':
      return measure;
    case 'tiles':
      return [isNumber, isCount, ...measure];
    case 'values':
      return countedValue;
    case 'value_tiles':
      return [isNumber, isCount, ...countedValue];
    case 'trait':
      return picked;
  }
}

/** Whether a part that somebody else computed is one of the kind: entries of its form. Their order does not matter. */
export function isPartOf(kind: AggregateKind, as: ValueSource['as'], part: Ranked<Entry>): boolean {
  const shape = shapeOf(kind, as);
  const fits = (entry: Entry) => entry.length <= shape.length && shape.every((check, i) => check(entry[i]));
  const { limit } = part;
  return (
    part.entries.every(fits) && (limit === undefined || limit === 'last' || limit.length <= shape.length)
  );
}
