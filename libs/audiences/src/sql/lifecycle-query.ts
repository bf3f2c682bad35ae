import type { EventSelection } from '../aggregate-matching.js';
import { textSql } from './expressions.js';
import { eventsOf } from './selected-events.js';

/** Days, weeks from Monday on, or months of a calendar. */
export type CalendarInterval = 'day' | 'week' | 'month';

/** Which intervals a lifecycle has. */
export interface LifecycleOptions {
  readonly interval: CalendarInterval;
  /** Of the IANA database: `Europe/Berlin`. */
  readonly zone: string;
  /** The first day of the first interval, `2026-01-01`. */
  readonly from: string;
  /** The day behind the last interval. */
  readonly to: string;
}

const CALENDAR: Readonly<Record<CalendarInterval, { readonly start: string; readonly add: string }>> = {
  day: { start: 'toDate', add: 'addDays' },
  week: { start: 'toMonday', add: 'addWeeks' },
  month: { start: 'toStartOfMonth', add: 'addMonths' },
};

/**
 * A query of `events_log_by_profile` for how many people are active in each interval by events of a selection, with the
 * parameter `workspaceId`: rows of `interval`, its first day, `active`, `fresh`, `returning`, `resurrecting` and `dormant`,
 * an interval without anybody, too. Somebody is new (`fresh`) where their first event ever is; returning, where they were
 * active in the interval before; resurrecting, otherwise; dormant, in the first interval in which they are not. So
 * active = new + returning + resurrecting, and those active in the interval before are returning or dormant.
 *
 * @throws RangeError where an option is no day or no name of a zone
 */
export function lifecycleQuery(selection: EventSelection, options: LifecycleOptions): string {
  const { interval, zone, from, to } = checked(options);
  const { start, add } = CALENDAR[interval];
  const later = (days: string) => `${add}(${days}, 1)`;
  const kinds = `arrayMap((day, before, i) -> (day, multiIf(i = 1, 'fresh', before = day, 'returning', 'resurrecting')), days, arrayMap(day -> ${later('day')}, arrayPushFront(arrayPopBack(days), toDate(0))), arrayEnumerate(days))`;
  const silent = `arrayMap(day -> (${later('day')}, 'dormant'), arrayFilter((day, next) -> next != ${later('day')}, days, arrayPushBack(arrayPopFront(days), toDate(0))))`;
  const count = (kind: string) => `countIf(is.2 = '${kind}') AS ${kind}`;
  return `SELECT is.1 AS interval, countIf(is.2 != 'dormant') AS active, ${['fresh', 'returning', 'resurrecting', 'dormant'].map(count).join(', ')}
FROM (
  SELECT arraySort(groupUniqArray(${start}(timestamp, ${textSql(zone)}))) AS days
  FROM (${eventsOf(selection, ['profile_id', 'timestamp'])}) GROUP BY profile_id
) ARRAY JOIN arrayConcat(${kinds}, ${silent}) AS is
WHERE interval >= toDate('${from}') AND interval < toDate('${to}')
GROUP BY interval ORDER BY interval WITH FILL FROM toDate('${from}') TO toDate('${to}') STEP INTERVAL 1 ${interval.toUpperCase()}`;
}

function checked(options: LifecycleOptions): LifecycleOptions {
  for (const day of [options.from, options.to]) {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
    if (!isDay) throw new RangeError(`"${day}" is no day: write one such as 2026-01-31`);
  }
  if (!/^[A-Za-z0-9_+/-]+$/.test(options.zone))
    throw new RangeError(`"${options.zone}" is no time zone: write one such as Europe/Berlin`);
  return options;
}
