import { countInTime } from './count-standing.js';
import { valueInTime } from './computed/value-condition.js';
import type { AudienceDefinition, Condition } from './definition.js';
import type { Facts } from './facts.js';
import { isAmong } from './random.js';
import type { Change, Standing, TimedCondition } from './timed-condition.js';
import { traitInTime } from './trait-condition.js';

/** Whether a person is in an audience at an instant; all times in milliseconds since 1970. */
export interface Evaluation {
  readonly member: boolean;
  /**
   * When that became so, as far as the facts say; undefined where it always was. Never after the instant. It is looked for
   * when it is asked for.
   */
  readonly since: number | undefined;
  /** The first later instant at which it may change with no new fact; undefined where it cannot. */
  readonly deadline: number | undefined;
  /** Present where it depends on occurrences that are not known: `member` and `since` are as if there were none. */
  readonly isUnknown?: true;
}

/** A definition whose conditions are those of a person. */
type Timed =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Timed[] }
  | { readonly kind: 'not'; readonly operand: Timed }
  | { readonly kind: 'condition'; readonly condition: TimedCondition };

/**
 * Evaluates a definition at the instant `now`. The result is exact for facts that are not later than `now`; an event
 * whose time is yet to come counts from its time on, but may have taken the place of an earlier one in its aggregate.
 *
 * @throws Error where the definition names another audience: see {@link resolve}
 */
export function evaluate(definition: AudienceDefinition, facts: Facts, now: number): Evaluation {
  const timed = inTime(definition, facts, now);
  const { value: member, at } = nextChange(timed, now);
  const isUnknown = sureValue(timed, now) === undefined;
  const next = Math.min(at, isUnknown ? (knownAt(timed, now) ?? Infinity) : Infinity);
  return {
    member,
    get since() {
      return standingOf(timed, now).since;
    },
    deadline: next === Infinity ? undefined : next,
    ...(isUnknown && { isUnknown }),
  };
}

function inTime(definition: AudienceDefinition, facts: Facts, now: number): Timed {
  switch (definition.kind) {
    case 'and':
    case 'or': {
      const operands = definition.operands.map((operand) => inTime(operand, facts, now));
      return { kind: definition.kind, operands };
    }
    case 'not':
      return { kind: 'not', operand: inTime(definition.operand, facts, now) };
    default:
      return { kind: 'condition', condition: conditionInTime(definition, facts, now) };
  }
}

function conditionInTime(condition: Condition, facts: Facts, now: number): TimedCondition {
  switch (condition.kind) {
    case 'event':
      return countInTime(condition, facts);
    case 'value':
      return valueInTime(condition, facts, now);
    case 'trait':
      return traitInTime(condition, facts, now);
    case 'random':
      return always(isAmong(condition.percent, facts.profileId));
    case 'audience':
      throw new Error(`the definition names the audience ${condition.key} and was not resolved`);
  }
}

function always(value: boolean): TimedCondition {
  return {
    standing: () => ({ value, since: undefined }),
    next: () => ({ value, at: Infinity }),
    sure: () => value,
  };
}

/** The value, whatever is not known; undefined where it depends on that. */
function sureValue(timed: Timed, now: number): boolean | undefined {
  switch (timed.kind) {
    case 'condition':
      return timed.condition.sure(now);
    case 'not': {
      const value = sureValue(timed.operand, now);
      return value === undefined ? undefined : !value;
    }
    case 'and':
    case 'or': {
      const decisive = timed.kind === 'or';
      const values = timed.operands.map((operand) => sureValue(operand, now));
      if (values.includes(decisive)) return decisive;
      return values.includes(undefined) ? undefined : !decisive;
    }
  }
}

/** When what is not known has left the first of the windows; undefined where it leaves none. */
function knownAt(timed: Timed, now: number): number | undefined {
  switch (timed.kind) {
    case 'condition':
      return timed.condition.knownAt?.(now);
    case 'not':
      return knownAt(timed.operand, now);
    case 'and':
    case 'or': {
      const times = timed.operands.flatMap((operand) => knownAt(operand, now) ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    }
  }
}

function standingOf(timed: Timed, at: number): Standing {
  switch (timed.kind) {
    case 'condition':
      return timed.condition.standing(at);
    case 'not': {
      const { value, since } = standingOf(timed.operand, at);
      return { value: !value, since };
    }
    case 'and':
      return joinedStanding(timed.operands, false, at);
    case 'or':
      return joinedStanding(timed.operands, true, at);
  }
}

/**
 * AND and OR are one: `decisive` is the value that one operand alone enforces. While no operand has it, the present
 * value lasts as long as all of theirs; while some have it, as the longest of theirs, and then perhaps another's.
 */
function joinedStanding(operands: readonly Timed[], decisive: boolean, at: number): Standing {
  let since: number | undefined;
  for (let instant = at; ; instant = since - 1) {
    const standings = operands.map((operand) => standingOf(operand, instant));
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

function nextChange(timed: Timed, now: number): Change {
  switch (timed.kind) {
    case 'condition':
      return timed.condition.next(now);
    case 'not': {
      const { value, at } = nextChange(timed.operand, now);
      return { value: !value, at };
    }
    case 'and':
    case 'or': {
      const decisive = timed.kind === 'or';
      const changes = timed.operands.map((operand) => nextChange(operand, now));
      const deciding = changes.filter(({ value }) => value === decisive).map(({ at }) => at);
      return deciding.length > 0
        ? { value: decisive, at: Math.max(...deciding) }
        : { value: !decisive, at: Math.min(...changes.map(({ at }) => at)) };
    }
  }
}
