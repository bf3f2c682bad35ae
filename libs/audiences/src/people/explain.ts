import { latestOf } from '../aggregates/read-aggregate.js';
import { computeTrait } from '../computed/compute.js';
import type { ComputedValue } from '../computed/computed-trait.js';
import type {
  AudienceDefinition,
  EventCondition,
  RandomCondition,
  TraitCondition,
  ValueCondition,
} from '../definition.js';
import { evaluate } from '../evaluation.js';
import { aggregateOf } from '../event-aggregate.js';
import type { Facts } from '../facts.js';
import { printQuery } from '../query-printer.js';
import { isAmong } from '../random.js';
import { factOfTrait } from '../trait-condition.js';
import { Several } from '../value-at.js';
import { compares, holds } from '../values.js';

/** So many of the events that count are named. */
export const MOST_EVENTS = 10;

/** The deadlines of a definition are looked at, as many as these, for one at which it changes. */
const MOST_DEADLINES = 10_000;

/** A condition or a joining of conditions, and whether it holds. */
export type Explained =
  | { readonly kind: 'and' | 'or'; readonly holds: boolean; readonly operands: readonly Explained[] }
  | { readonly kind: 'not'; readonly holds: boolean; readonly operand: Explained }
  | ExplainedEvent
  | ExplainedTrait
  | ExplainedValue
  | ExplainedRandom;

/** A condition on events. Times in milliseconds since 1970. */
export interface ExplainedEvent {
  readonly kind: 'event';
  /** As a query has it. */
  readonly condition: string;
  readonly holds: boolean;
  /** How many events count; 101 stands for more than 100. */
  readonly value: number;
  /** The latest of those that count, latest first, {@link MOST_EVENTS} at most. */
  readonly events: readonly { readonly time: number; readonly id: string }[];
}

/** A condition on a trait. */
export interface ExplainedTrait {
  readonly kind: 'trait';
  readonly condition: string;
  readonly holds: boolean;
  /** Of the trait; absent where it was never sent. */
  readonly value?: unknown;
  /** When it was sent, in milliseconds since 1970. */
  readonly at?: number;
}

/** A condition on a value of events. */
export interface ExplainedValue {
  readonly kind: 'value';
  readonly condition: string;
  readonly holds: boolean;
  /** Absent where there is none. */
  readonly value?: ComputedValue;
}

/** A condition on chance. */
export interface ExplainedRandom {
  readonly kind: 'random';
  readonly condition: string;
  readonly holds: boolean;
}

/** Why somebody is in an audience at an instant, or is not. Times in milliseconds since 1970. */
export interface Explanation {
  readonly holds: boolean;
  /** Since when, as far as the facts say; undefined where it always was so. */
  readonly since: number | undefined;
  /** When time alone changes it; undefined where it does not. */
  readonly changesAt: number | undefined;
  readonly tree: Explained;
}

/** Explains an evaluation: {@link evaluate} says the same of the whole. */
export function explain(definition: AudienceDefinition, facts: Facts, now: number): Explanation {
  const { member, since } = evaluate(definition, facts, now);
  const changesAt = changeAfter(definition, facts, now, member);
  return { holds: member, since, changesAt, tree: explained(definition, facts, now) };
}

/** A deadline is when the value may change: those at which it does not are passed over. */
function changeAfter(definition: AudienceDefinition, facts: Facts, now: number, member: boolean) {
  let { deadline } = evaluate(definition, facts, now);
  for (let looked = 0; deadline !== undefined && looked < MOST_DEADLINES; looked += 1) {
    const next = evaluate(definition, facts, deadline);
    if (next.member !== member) return deadline;
    deadline = next.deadline;
  }
  return undefined;
}

function explained(definition: AudienceDefinition, facts: Facts, now: number): Explained {
  switch (definition.kind) {
    case 'and':
    case 'or': {
      const { kind } = definition;
      const operands = definition.operands.map((operand) => explained(operand, facts, now));
      const isTrue = kind === 'and' ? operands.every((one) => one.holds) : operands.some((one) => one.holds);
      return { kind, holds: isTrue, operands };
    }
    case 'not': {
      const operand = explained(definition.operand, facts, now);
      return { kind: 'not', holds: !operand.holds, operand };
    }
    case 'event':
      return explainedEvent(definition, facts, now);
    case 'trait':
      return explainedTrait(definition, facts, now);
    case 'value':
      return explainedValue(definition, facts, now);
    case 'random':
      return explainedRandom(definition, facts);
    case 'audience':
      throw new Error(`the definition names the audience ${definition.key} and was not resolved`);
  }
}

function explainedEvent(definition: EventCondition, facts: Facts, now: number): ExplainedEvent {
  const { withinMs = Infinity, count } = definition;
  const known = knownOccurrences(definition, facts);
  const counted = known.filter(([time]) => time <= now && now < time + withinMs);
  return {
    kind: 'event',
    condition: printQuery(definition),
    holds: holds(count.op, counted.length - count.value),
    value: counted.length,
    events: counted.slice(0, MOST_EVENTS).map(([time, id]) => ({ time, id })),
  };
}

function knownOccurrences(definition: EventCondition, facts: Facts) {
  const known = facts.known(aggregateOf(definition));
  return known ? latestOf(known) : [];
}

function explainedTrait(definition: TraitCondition, facts: Facts, now: number): ExplainedTrait {
  const fact = factOfTrait(facts, definition.name);
  return {
    kind: 'trait',
    condition: printQuery(definition),
    holds: compares(fact?.value, definition.comparison, now),
    ...(fact && { value: shown(fact.value), at: fact.at }),
  };
}

function explainedValue(definition: ValueCondition, facts: Facts, now: number): ExplainedValue {
  const { value } = computeTrait(definition, facts.known, now);
  return {
    kind: 'value',
    condition: printQuery(definition),
    holds: compares(value, definition.comparison, now),
    ...(value !== undefined && { value }),
  };
}

function explainedRandom(definition: RandomCondition, { profileId }: Facts): ExplainedRandom {
  const holds = isAmong(definition.percent, profileId);
  return { kind: 'random', condition: printQuery(definition), holds };
}

/** The values of a path through a list, as a list. */
function shown(value: unknown): unknown {
  return value instanceof Several ? value.values : value;
}
