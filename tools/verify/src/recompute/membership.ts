import {
  compares,
  aggregateOf,
  valueAt,
  type AudienceDefinition,
  type EventCondition,
  type TraitCondition,
} from '@tributary/audiences';
import type { History, PastEvent } from './history.js';

type Past = Pick<History, 'events'>;

/**
 * Whether a person is in an audience at an instant, by counting: of whom no event is, nobody knows, and nobody is in
 * any audience. A count looks at so many of the latest matching
 * events as its meaning says, those with one deduplication id once; a trait has the value of its latest time, whenever that is.
 */
export function isMember(definition: AudienceDefinition, past: Past, at: number): boolean {
  return past.events.length > 0 && isTrue(definition, past, at);
}

function isTrue(definition: AudienceDefinition, past: Past, at: number): boolean {
  switch (definition.kind) {
    case 'and':
      return definition.operands.every((operand) => isTrue(operand, past, at));
    case 'or':
      return definition.operands.some((operand) => isTrue(operand, past, at));
    case 'not':
      return !isTrue(definition.operand, past, at);
    case 'trait':
      return compares(traitOf(definition.name, past), definition.comparison);
    case 'event':
      return holds(definition, past, at);
  }
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

function holds(condition: EventCondition, past: Past, at: number): boolean {
  const { hash, keep } = aggregateOf(condition);
  const latest = new Map<string, number>();
  for (const { aggregates, deduplicationId: id, at: time } of past.events) {
    if (aggregates.includes(hash)) latest.set(id, Math.max(time, latest.get(id) ?? 0));
  }
  const kept = [...latest].sort(([a, x], [b, y]) => y - x || (a > b ? -1 : 1)).slice(0, keep);
  const { withinMs = Infinity, count } = condition;
  const counted = kept.filter(([, time]) => time <= at && at < time + withinMs).length;
  return compares(counted, count);
}

function traitOf(name: string, { events }: Past): unknown {
  const last = (trait: string) =>
    events.findLast(({ traits }) => traits !== undefined && Object.hasOwn(traits, trait))?.traits?.[trait];
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
