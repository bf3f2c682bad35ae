import {
  compares,
  strategyOf,
  aggregateOf,
  valueAt,
  type AudienceDefinition,
  type EventCondition,
  type Merges,
  type TraitCondition,
} from '@tributary/audiences';
import type { History, PastEvent } from './history.js';
import { mergedOf } from './merges.js';

type Past = Pick<History, 'events'> & {
  /** Of the traits that are merged by a rule. */
  readonly merges?: Merges;
};

/**
 * Whether a person is in an audience at an instant, by counting: of whom no event is, nobody knows, and nobody is in
 * any audience. Events with one deduplication id count once, as of the latest; a trait has the value of its latest time,
 * whenever that is, or what its rule makes of all. Undefined where it depends on events that nobody may have kept: those beyond the bound of the
 * aggregate, or from before that bound grew.
 */
export function isMember(definition: AudienceDefinition, past: Past, at: number): boolean | undefined {
  return past.events.length > 0 && isTrue(definition, past, at);
}

function isTrue(definition: AudienceDefinition, past: Past, at: number): boolean | undefined {
  switch (definition.kind) {
    case 'and':
      return joined(definition.operands, false, past, at);
    case 'or':
      return joined(definition.operands, true, past, at);
    case 'not': {
      const operand = isTrue(definition.operand, past, at);
      return operand === undefined ? undefined : !operand;
    }
    case 'trait':
      return compares(traitOf(definition.name, past), definition.comparison);
    case 'event':
      return holds(definition, past, at);
  }
}

/** `decisive` is the value that one operand alone enforces. */
function joined(
  operands: readonly AudienceDefinition[],
  decisive: boolean,
  past: Past,
  at: number,
): boolean | undefined {
  const values = operands.map((operand) => isTrue(operand, past, at));
  if (values.includes(decisive)) return decisive;
  return values.includes(undefined) ? undefined : !decisive;
}

/** The events on which the definition's value depends. */
export function relevantEvents(definition: AudienceDefinition, past: Past): readonly PastEvent[] {
  const hashes = new Set(eventConditions(definition).map((condition) => aggregateOf(condition).hash));
  const traits = new Set(traitConditions(definition).flatMap(({ name }) => [name, rootOf(name)]));
  return past.events.filter(
    (event) =>
      event.aggregates.some((hash) => hashes.has(hash)) ||
      Object.keys(event.traits ?? {}).some((name) => traits.has(name)),
  );
}

/** The instants at which the value may have changed: an event came, or one left its window. */
export function turningPoints(definition: AudienceDefinition, past: Past): ReadonlySet<number> {
  const points = new Set(relevantEvents(definition, past).map(({ at }) => at));
  for (const condition of eventConditions(definition)) {
    const { hash } = aggregateOf(condition);
    const { withinMs } = condition;
    if (withinMs === undefined) continue;
    for (const { aggregates, at } of past.events) if (aggregates.includes(hash)) points.add(at + withinMs);
  }
  return points;
}

function holds(condition: EventCondition, past: Past, at: number): boolean | undefined {
  const { hash } = aggregateOf(condition);
  const latest = new Map<string, PastEvent>();
  // In the order of time: the last one of an id stays.
  for (const event of past.events)
    if (event.aggregates.includes(hash)) latest.set(event.deduplicationId, event);
  const { withinMs = Infinity, count } = condition;
  const counted = [...latest.values()].filter((event) => event.at <= at && at < event.at + withinMs);
  const kept = keptOf(hash, past);
  const sure = counted.filter((event) => kept.has(event)).length;
  const value = compares(sure, count);
  // One that is yet to come takes the place of one that was.
  const isSure = sure === counted.length && [...latest.values()].every((event) => event.at <= at);
  const more = [count.value, count.value + 1].filter((n) => n > sure);
  return isSure || more.every((n) => compares(n, count) === value) ? value : undefined;
}

/** Of each identifier as many of the latest as its aggregate keeps. */
function keptOf(hash: string, { events }: Past): ReadonlySet<PastEvent> {
  const byPrimary = new Map<string, number>();
  const kept = new Set<PastEvent>();
  for (const event of events.toReversed()) {
    const bound = event.kept[hash];
    const before = byPrimary.get(event.primary) ?? 0;
    if (bound === undefined || before >= bound) continue;
    byPrimary.set(event.primary, before + 1);
    kept.add(event);
  }
  return kept;
}

function traitOf(name: string, past: Past): unknown {
  const { events, merges } = past;
  const last = (trait: string) => {
    const strategy = strategyOf(merges, trait);
    if (strategy !== 'latest') return mergedOf(trait, strategy, past)?.value;
    return events.findLast(({ traits }) => traits !== undefined && Object.hasOwn(traits, trait))?.traits?.[
      trait
    ];
  };
  const root = rootOf(name);
  const nested = root === name ? undefined : valueAt({ [root]: last(root) }, name);
  return nested ?? last(name);
}

/** A dotted name may be a path into the trait before the dot. */
function rootOf(name: string): string {
  const [root = ''] = name.split(/[.[]/, 1);
  return root === '' ? name : root;
}

function eventConditions(definition: AudienceDefinition): readonly EventCondition[] {
  return conditions(definition).filter((condition) => condition.kind === 'event');
}

function traitConditions(definition: AudienceDefinition): readonly TraitCondition[] {
  return conditions(definition).filter((condition) => condition.kind === 'trait');
}

function conditions(definition: AudienceDefinition): readonly (EventCondition | TraitCondition)[] {
  switch (definition.kind) {
    case 'and':
    case 'or':
      return definition.operands.flatMap(conditions);
    case 'not':
      return conditions(definition.operand);
    default:
      return [definition];
  }
}
