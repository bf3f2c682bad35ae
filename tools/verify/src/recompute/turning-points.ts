import {
  aggregatesOf,
  aggregatesOfTrait,
  aggregateOf,
  conditionsOf,
  grainOf,
  type AudienceDefinition,
  type Comparison,
  type Condition,
  type ValueCondition,
} from '@tributary/audiences';
import type { WindowOf } from './computed.js';
import type { History, PastEvent } from './history.js';

type Past = Pick<History, 'events'> & { readonly windowOf: WindowOf };

/** The events on which the definition's value depends. */
export function relevantEvents(
  definition: AudienceDefinition,
  { events }: Pick<History, 'events'>,
): readonly PastEvent[] {
  const hashes = new Set(aggregatesOf(definition).map(({ hash }) => hash));
  const names = conditionsOf(definition).flatMap((one) => (one.kind === 'trait' ? [one.name] : []));
  const traits = new Set(names.flatMap((name) => [name, rootOf(name)]));
  return events.filter(
    (event) =>
      event.aggregates.some((hash) => hashes.has(hash)) ||
      Object.keys(event.traits ?? {}).some((name) => traits.has(name)),
  );
}

/** The instants at which the value may have changed: an event came, one left its window, or an instant came of age. */
export function turningPoints(definition: AudienceDefinition, past: Past): ReadonlySet<number> {
  const points = new Set(relevantEvents(definition, past).map(({ at }) => at));
  for (const condition of conditionsOf(definition))
    for (const point of pointsOf(condition, past)) points.add(point);
  return points;
}

function pointsOf(condition: Condition, past: Past): readonly number[] {
  switch (condition.kind) {
    case 'event': {
      const { hash } = aggregateOf(condition);
      const { withinMs } = condition;
      if (withinMs === undefined) return [];
      return past.events.flatMap(({ aggregates, at }) => (aggregates.includes(hash) ? [at + withinMs] : []));
    }
    case 'trait': {
      const root = rootOf(condition.name);
      const values = past.events.flatMap(({ traits }) => [traits?.[condition.name], traits?.[root]]);
      return agesOf(values, condition.comparison);
    }
    case 'value':
      return pointsOfValue(condition, past);
    default:
      return [];
  }
}

function pointsOfValue(condition: ValueCondition, { events, windowOf }: Past): readonly number[] {
  const [{ aggregate }] = aggregatesOfTrait(condition);
  const { reducer, window, comparison } = condition;
  const counted = events.filter(({ aggregates }) => aggregates.includes(aggregate.hash));
  const times = counted.map(({ at }) => at);
  const grain = aggregate.kind.endsWith('tiles') ? grainOf(windowOf(aggregate)) : 1;
  const starts = times.map((at) => Math.floor(at / grain) * grain);
  const values = counted.flatMap(({ values: read }) => read[aggregate.hash]?.values ?? []);
  const after =
    reducer.op === 'stage'
      ? [reducer.newMs, reducer.atRiskMs, reducer.dormantMs]
      : reducer.op.startsWith('time_since')
        ? secondsOf(comparison)
        : [];
  return [
    ...(window ? starts.flatMap((start) => [start + (window.fromMs ?? 0), start + window.toMs]) : []),
    ...times.flatMap((at) => after.map((ms) => at + ms)),
    ...agesOf([...values, ...times.map((at) => new Date(at).toISOString())], comparison),
  ];
}

/** When whole seconds come to the numbers that they are compared with, and pass them; in milliseconds. */
function secondsOf(comparison: Comparison): readonly number[] {
  const literals =
    'values' in comparison ? comparison.values : 'value' in comparison ? [comparison.value] : [];
  return literals.flatMap((literal) => {
    const seconds = Math.floor(Number(typeof literal === 'object' ? literal.number : literal));
    return Number.isSafeInteger(seconds) ? [seconds * 1_000, (seconds + 1) * 1_000] : [];
  });
}

/** When instants among values come to an age, from the first millisecond on that is not before them. */
function agesOf(values: readonly unknown[], comparison: Comparison): readonly number[] {
  if (!('ms' in comparison)) return [];
  const { ms } = comparison;
  return values.flat(Infinity).flatMap((value) => {
    const at = typeof value === 'string' ? Date.parse(value) : NaN;
    const near = [at, at + 1].flatMap((time) => [time - ms, time, time + ms]);
    return near.filter(Number.isFinite);
  });
}

/** The trait of a name: a dotted name may be a path into the trait before the dot. */
export function rootOf(name: string): string {
  const [root = ''] = name.split(/[.[]/, 1);
  return root === '' ? name : root;
}
