import type { AgeComparison, Comparison, DateComparison } from './filter.js';
import { compareInstants, instantMs } from './instants.js';

/** Whether a value is an instant before, or after, a date. */
export function isOfDate(value: unknown, { op, value: date }: DateComparison): boolean {
  const order = typeof value === 'string' ? compareInstants(value, date) : undefined;
  return order !== undefined && (op === 'before_date' ? order < 0 : order > 0);
}

/** Whether a value is an instant so far from `at`, in milliseconds since 1970; false where nobody says from what. */
export function isOfAge(value: unknown, { op, ms }: AgeComparison, at: number | undefined): boolean {
  const time = typeof value === 'string' ? instantMs(value) : undefined;
  if (time === undefined || at === undefined) return false;
  switch (op) {
    case 'within_last':
      return time <= at && at < time + ms;
    case 'before_last':
      return time + ms <= at;
    case 'within_next':
      return time - ms <= at && at < time;
    case 'after_next':
      return at < time - ms;
  }
}

/** The instants at which the passing of time may change whether one of these values stands in a comparison. */
export function agesChangeAt(values: readonly unknown[], comparison: Comparison): readonly number[] {
  if (!('ms' in comparison)) return [];
  const { op, ms } = comparison;
  return values.flatMap((value) => {
    const time = typeof value === 'string' ? instantMs(value) : undefined;
    if (time === undefined) return [];
    switch (op) {
      case 'within_last':
        return [time, time + ms];
      case 'before_last':
        return [time + ms];
      case 'within_next':
        return [time - ms, time];
      case 'after_next':
        return [time - ms];
    }
  });
}
