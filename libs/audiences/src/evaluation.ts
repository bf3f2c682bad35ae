import { countStanding, nextCountChange, sureCount, type LatestOccurrences } from './count-standing.js';
import type { AudienceDefinition, TraitCondition } from './definition.js';
import { aggregateOf } from './aggregate.js';
import { valueAt } from './value-at.js';
import { compares } from './values.js';

/** A trait's value, and when it took it: null since it was removed. */
export interface TraitFact {
  readonly value: unknown;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What is known of a person. */
export interface Facts {
  /** What is known of an aggregate by its hash, the latest first; undefined where nothing matched yet. */
  aggregate(hash: string): LatestOccurrences | undefined;
  /** The last instant at or before which an aggregate may have occurrences that are not known; unless given, it has none. */
  unknownUntil?(hash: string): number | undefined;
  /** undefined where the trait was never set. */
  trait(name: string): TraitFact | undefined;
}

/** Whether a person is in an audience at an instant; all times in milliseconds since 1970. */
export interface Evaluation {
  readonly member: boolean;
  /** When that became so, as far as the facts say; undefined where it always was. Never after the instant. */
  readonly since: number | undefined;
  /** The first later instant at which it may change with no new fact; undefined where it cannot. */
  readonly deadline: number | undefined;
  /** Present where it depends on occurrences that are not known: `member` and `since` are as if there were none. */
  readonly isUnknown?: true;
}

/** A value at an instant, and since when it has been that. */
interface Standing {
  readonly value: boolean;
  readonly since: number | undefined;
}

/**
 * Evaluates a definition at the instant `now`. The result is exact for facts that are not later than `now`; an event
 * whose time is yet to come counts from its time on, but may have taken the place of an earlier one in its aggregate.
 */
export function evaluate(definition: AudienceDefinition, facts: Facts, now: number): Evaluation {
  const { value, since } = standingOf(definition, { facts, now }, now);
  const evaluation = { member: value, since, deadline: deadlineOf(definition, facts, now) };
  if (!facts.unknownUntil || sureValue(definition, facts, now) !== undefined) return evaluation;
  const deadline = earliestOf(evaluation.deadline, knownAt(definition, facts, now));
  return { ...evaluation, deadline, isUnknown: true };
}

/** The value, whatever is not known; undefined where it depends on that. */
function sureValue(definition: AudienceDefinition, facts: Facts, now: number): boolean | undefined {
  switch (definition.kind) {
    case 'event': {
      const { hash } = aggregateOf(definition);
      return sureCount(definition, facts.aggregate(hash) ?? [], facts.unknownUntil?.(hash), now);
    }
    case 'trait':
      return compares(factOfTrait(facts, definition.name)?.value, definition.comparison);
    case 'not': {
      const value = sureValue(definition.operand, facts, now);
      return value === undefined ? undefined : !value;
    }
    case 'and':
    case 'or': {
      const decisive = definition.kind === 'or';
      const values = definition.operands.map((operand) => sureValue(operand, facts, now));
      if (values.includes(decisive)) return decisive;
      return values.includes(undefined) ? undefined : !decisive;
    }
  }
}

/** When what is not known has left the first of the windows; undefined where it leaves none. */
function knownAt(definition: AudienceDefinition, facts: Facts, now: number): number | undefined {
  switch (definition.kind) {
    case 'event': {
      const unknownUntil = facts.unknownUntil?.(aggregateOf(definition).hash);
      if (unknownUntil === undefined || definition.withinMs === undefined) return undefined;
      const at = unknownUntil + definition.withinMs;
      return at > now ? at : undefined;
    }
    case 'trait':
      return undefined;
    case 'not':
      return knownAt(definition.operand, facts, now);
    case 'and':
    case 'or':
      return definition.operands
        .map((operand) => knownAt(operand, facts, now))
        .reduce((a, b) => earliestOf(a, b), undefined);
  }
}

function earliestOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

interface Known {
  readonly facts: Facts;
  readonly now: number;
}

function standingOf(definition: AudienceDefinition, known: Known, at: number): Standing {
  switch (definition.kind) {
    case 'event':
      return countStanding(definition, known.facts.aggregate(aggregateOf(definition).hash) ?? [], at);
    case 'trait':
      return traitStanding(definition, known, at);
    case 'not': {
      const { value, since } = standingOf(definition.operand, known, at);
      return { value: !value, since };
    }
    case 'and':
      return joinedStanding(definition.operands, false, known, at);
    case 'or':
      return joinedStanding(definition.operands, true, known, at);
  }
}

/** Only a trait's latest value is known; before it was set, the condition counts as having been the opposite. */
function traitStanding(condition: TraitCondition, { facts, now }: Known, at: number): Standing {
  const fact = factOfTrait(facts, condition.name);
  const value = compares(fact?.value, condition.comparison);
  if (!fact) return { value, since: undefined };
  const since = Math.min(fact.at, now);
  return at >= since ? { value, since } : { value: !value, since: undefined };
}

/** A path into a trait comes before a trait whose name has dots, as everywhere; where neither has a value, the trait. */
export function factOfTrait(facts: Facts, name: string): TraitFact | undefined {
  const fact = facts.trait(name);
  const [root = ''] = name.split(/[.[]/, 1);
  const whole = root === '' || root === name ? undefined : facts.trait(root);
  if (!whole) return fact;
  const value = valueAt({ [root]: whole.value }, name);
  return fact && (value === undefined || value === null) ? fact : { value, at: whole.at };
}

/**
 * AND and OR are one: `decisive` is the value that one operand alone enforces. While no operand has it, the present
 * value lasts as long as all of theirs; while some have it, as the longest of theirs, and then perhaps another's.
 */
function joinedStanding(
  operands: readonly AudienceDefinition[],
  decisive: boolean,
  known: Known,
  at: number,
): Standing {
  let since: number | undefined;
  for (let instant = at; ; instant = since - 1) {
    const standings = operands.map((operand) => standingOf(operand, known, instant));
    const deciding = standings.filter(({ value }) => value === decisive);
    if (deciding.length === 0) {
      return since === undefined
        ? { value: !decisive, since: latest(standings) }
        : { value: decisive, since };
    }
    const reach = earliest(deciding);
    if (reach === undefined) return { value: decisive, since: undefined };
    since = reach;
  }
}

function latest(standings: readonly Standing[]): number | undefined {
  const times = standings.flatMap(({ since }) => (since === undefined ? [] : [since]));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** undefined, which is always, is earlier than any instant. */
function earliest(standings: readonly Standing[]): number | undefined {
  let found = Infinity;
  for (const { since } of standings) {
    if (since === undefined) return undefined;
    found = Math.min(found, since);
  }
  return found;
}

function deadlineOf(definition: AudienceDefinition, facts: Facts, now: number): number | undefined {
  const change = nextChange(definition, facts, now).at;
  return change === Infinity ? undefined : change;
}

interface Change {
  readonly value: boolean;
  readonly at: number;
}

/** The present value, and an instant before which it does not change by the passing of time. */
function nextChange(definition: AudienceDefinition, facts: Facts, now: number): Change {
  switch (definition.kind) {
    case 'event':
      return nextCountChange(definition, facts.aggregate(aggregateOf(definition).hash) ?? [], now);
    case 'trait': {
      const value = compares(factOfTrait(facts, definition.name)?.value, definition.comparison);
      return { value, at: Infinity };
    }
    case 'not': {
      const { value, at } = nextChange(definition.operand, facts, now);
      return { value: !value, at };
    }
    case 'and':
    case 'or': {
      const decisive = definition.kind === 'or';
      const changes = definition.operands.map((operand) => nextChange(operand, facts, now));
      const deciding = changes.filter(({ value }) => value === decisive).map(({ at }) => at);
      return deciding.length > 0
        ? { value: decisive, at: Math.max(...deciding) }
        : { value: !decisive, at: Math.min(...changes.map(({ at }) => at)) };
    }
  }
}
