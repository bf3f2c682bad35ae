import { grainOf } from '../aggregates/aggregate-kinds.js';
import type { Aggregate } from '../aggregates/typed-aggregate.js';
import { MAX_BOUND } from '../aggregates/typed-aggregate.js';
import type { ComputedTrait, Reducer } from '../computed/computed-trait.js';
import { aggregatesOfTrait } from '../computed/trait-aggregate.js';
import { isNumberSql, printScaledSql, scaledSql } from './decimals.sql.js';
import { textSql, type Expression } from './expressions.js';
import { objectOf } from './filters.sql.js';
import { eventsOf } from './selected-events.js';
import { scalarsSql, valuesAtSql } from './paths.sql.js';
import { NUMBER_TEXT, SCALED_BOUND, TEXT } from './scalars.sql.js';
import type { TextOf } from './texts.js';

/** As of when a trait is computed. */
export interface TraitQueryOptions {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The longest window for which the events of an aggregate are kept, whose slices all its windows have; its own unless given. */
  readonly windowOf?: (aggregate: Aggregate) => number;
  /** The last instant whose events count, in milliseconds since 1970; all do unless given. */
  readonly until?: number;
  /** How texts stand in the query: written out unless given. */
  readonly textOf?: TextOf;
  /** People with events and no value have a row, too: null. */
  readonly isWithAbsent?: boolean;
}

/** What a query reads: a SELECT without its columns, one row for each person. */
export interface PeopleSql {
  /** From FROM on. */
  readonly from: string;
  /** The value, as its JSON; null where there is none. */
  readonly value: Expression;
  /** What people are ranked by; absent where they cannot be. */
  readonly ranked?: Ranked;
}

/** A number by which people are ranked, and how it is shown as JSON. */
export interface Ranked {
  readonly by: Expression;
  readonly show: (by: Expression) => Expression;
}

/**
 * A query of `events_log_by_profile` for the trait of everybody at an instant, with the parameter `workspaceId`: rows of
 * `profile_id` and `value`, its JSON. Who has no event in the window has no row: a count or a sum of theirs is 0. What a
 * profile calls truncated is whole here.
 */
export function traitQuery(trait: ComputedTrait, options: TraitQueryOptions): string {
  const { from, value } = peopleSql(trait, options);
  const having = options.isWithAbsent ? '' : ' HAVING value IS NOT NULL';
  return `SELECT profile_id, ${value} AS value ${from}${having}`;
}

/** The people whose trait has a value, or is 0 although they have events. */
export function peopleSql(trait: ComputedTrait, options: TraitQueryOptions): PeopleSql {
  const [{ aggregate }] = aggregatesOfTrait(trait);
  const { reducer } = trait;
  switch (aggregate.kind) {
    case 'total':
    case 'tiles':
      return totalsSql(trait, options);
    case 'values':
    case 'value_tiles':
      return valuesSql(trait, options);
    default:
      return reducer.op === 'stage' ? stageSql(trait, reducer, options) : occurrencesSql(trait, options);
  }
}

const TIME = 'toUnixTimestamp64Milli(timestamp)';

/** The events in the window: `place` is their order, `found` their values and `scalars` what is to count of these, as JSON. */
function eventsSql(trait: ComputedTrait, options: TraitQueryOptions): string {
  const { at, windowOf, until, textOf = textSql } = options;
  const [{ aggregate, bound }] = aggregatesOfTrait(trait);
  const { window, reducer } = trait;
  const tests: string[] = until === undefined ? [] : [`time <= ${until}`];
  if (window) {
    const isInTiles = aggregate.kind === 'tiles' || aggregate.kind === 'value_tiles';
    const grain = isInTiles ? grainOf(windowOf?.(aggregate) ?? bound) : 1;
    const counts = `(time - positiveModulo(time, ${grain}))`;
    if (isInTiles) tests.push(`${counts} + ${window.fromMs ?? 0} <= ${at}`);
    tests.push(`${at} < ${counts} + ${window.toMs}`);
  }
  const object = 'value' in reducer && reducer.value.from === 'context' ? 'context' : objectOf(trait.call);
  const columns = [
    ...['profile_id', 'deduplication_id AS id', `${TIME} AS time`],
    '(time, toUnixTimestamp64Milli(received_at), sequence, id) AS place',
    ...('value' in reducer ? [`${valuesAtSql(object, reducer.value.path, textOf)} AS found`] : []),
    ...('value' in reducer ? [`${scalarsSql('found')} AS scalars`] : []),
  ];
  return eventsOf(aggregate, columns, tests, textOf);
}

const number = (by: Expression): Ranked => ({ by, show: printScaledSql });
const instant = (by: Expression): Ranked => ({
  by,
  show: (ms) => `concat('"', replaceOne(toString(fromUnixTimestamp64Milli(${ms}, 'UTC')), ' ', 'T'), 'Z"')`,
});
const shown = (from: string, ranked: Ranked): PeopleSql => ({ from, value: ranked.show(ranked.by), ranked });
const whole = (count: Expression) => number(`toInt256(${count}) * 1000000000`);

function totalsSql(trait: ComputedTrait, options: TraitQueryOptions): PeopleSql {
  const { reducer } = trait;
  const texts = `arrayMap(part -> ${TEXT}, arrayFilter(part -> part NOT IN ('true', 'false'), scalars))`;
  const isOfTexts = 'as' in reducer;
  const read = isOfTexts
    ? `arrayMap(part -> JSONExtractString(part), arrayFilter(part -> startsWith(part, '"'), scalars))`
    : `arrayFilter(one -> one IS NOT NULL, arrayMap(text -> ${scaledSql('text')}, arrayFilter(text -> ${isNumberSql('text')}, ${texts})))`;
  const events = eventsSql(trait, options);
  if (reducer.op === 'count') return shown(`FROM (${events}) GROUP BY profile_id`, whole('count()'));
  const elements = isOfTexts ? read : `arrayMap(one -> assumeNotNull(one), ${read})`;
  const from = `FROM (SELECT profile_id, ${elements} AS all FROM (${events})) GROUP BY profile_id`;
  if (isOfTexts)
    return { from, value: `if(sum(length(all)) = 0, NULL, toJSONString(${reducer.op}Array(all)))` };
  switch (reducer.op) {
    case 'sum':
      return shown(from, number(`if(abs(sumArray(all)) < toInt256('${SCALED_BOUND}'), sumArray(all), NULL)`));
    case 'avg':
      return shown(
        from,
        number(
          'if(sum(length(all)) = 0, NULL, intDiv(sumArray(all), toInt256(greatest(1, sum(length(all))))))',
        ),
      );
    default:
      return shown(from, number(`if(sum(length(all)) = 0, NULL, ${reducer.op}Array(all))`));
  }
}

/** Each value of a person, in how many events it was, when first and last. */
function countedSql(trait: ComputedTrait, options: TraitQueryOptions): string {
  return `SELECT profile_id, one.1 AS text, count() AS count, min(time) AS first, max(time) AS last,
  if(countIf(NOT startsWith(one.2, '"')) > 0, anyIf(one.2, NOT startsWith(one.2, '"')), toJSONString(one.1)) AS json
FROM (SELECT profile_id, time, arrayMap(part -> (${TEXT}, if(startsWith(part, '"'), part, ${NUMBER_TEXT})), scalars) AS all FROM (${eventsSql(trait, options)}))
ARRAY JOIN arrayFilter((one, later) -> later = 0, all, arrayMap((one, i) -> countEqual(arrayMap(other -> other.1, arraySlice(all, i + 1)), one.1), all, arrayEnumerate(all))) AS one
GROUP BY profile_id, text`;
}

function valuesSql(trait: ComputedTrait, options: TraitQueryOptions): PeopleSql {
  const { reducer } = trait;
  const from = `FROM (${countedSql(trait, options)}) GROUP BY profile_id`;
  switch (reducer.op) {
    case 'mode':
      return {
        from,
        value: `if(max(count) >= ${reducer.minimumFrequency}, argMin(json, (-toInt64(count), text)), NULL)`,
      };
    case 'unique':
      return {
        from,
        value: `concat('[', arrayStringConcat(arrayMap(one -> one.2, arraySort(groupArray((text, json)))), ','), ']')`,
      };
    case 'unique_count':
      return shown(from, whole('count()'));
    case 'first':
      return { from, value: 'argMin(json, (first, text))' };
    default:
      return { from, value: 'argMin(json, (-last, text))' };
  }
}

/** The first or last event. */
function occurrencesSql(trait: ComputedTrait, options: TraitQueryOptions): PeopleSql {
  const { op } = trait.reducer;
  const from = `FROM (${eventsSql(trait, options)}) GROUP BY profile_id`;
  const json = `arrayMap(part -> if(startsWith(part, '"'), part, ${NUMBER_TEXT}), scalars)[1]`;
  const only = `if(startsWith(found[1], '[') OR length(scalars) != 1, '', ${json})`;
  switch (op) {
    case 'first':
      return { from, value: `nullIf(argMin(${only}, place), '')` };
    case 'last':
      return { from, value: `nullIf(argMax(${only}, place), '')` };
    case 'first_at':
      return shown(from, instant('min(time)'));
    case 'last_at':
      return shown(from, instant('max(time)'));
    case 'time_since_first':
      return { from, value: `toString(greatest(0, intDiv(${options.at} - min(time), 1000)))` };
    default:
      return { from, value: `toString(greatest(0, intDiv(${options.at} - max(time), 1000)))` };
  }
}

/** By as many of the latest events as are kept, and the first of all. */
function stageSql(
  trait: ComputedTrait,
  { newMs, atRiskMs, dormantMs }: Extract<Reducer, { op: 'stage' }>,
  options: TraitQueryOptions,
): PeopleSql {
  const { at } = options;
  const occurrences = `SELECT profile_id, id, min(time) AS first, max(time) AS last FROM (${eventsSql(trait, options)}) GROUP BY profile_id, id`;
  const times = `arraySlice(arrayReverseSort(groupArray(last)), 1, ${MAX_BOUND.latest})`;
  const backs = `arrayFilter((time, before) -> time - before >= ${dormantMs}, arrayPopBack(latest), arrayPopFront(latest))`;
  const from = `FROM (SELECT profile_id, min(first) AS beginning, ${times} AS latest, latest[1] AS end, ${backs}[1] AS back, notEmpty(${backs}) AS isBack
FROM (${occurrences}) GROUP BY profile_id)`;
  const stages = [
    `${at} >= end + ${dormantMs}, 'dormant'`,
    `${at} >= end + ${atRiskMs}, 'at_risk'`,
    `${at} < beginning + ${newMs}, 'new'`,
    `isBack AND ${at} < back + ${newMs}, 'won_back'`,
  ];
  return { from, value: `toJSONString(multiIf(${stages.join(', ')}, 'active'))` };
}
