import { aggregateOf } from './aggregate.js';
import type { AudienceDefinition, EventCondition } from './definition.js';
import { printQuery } from './query-printer.js';
import { holds } from './values.js';

export const WARNING_CODES = [
  'events_before_are_not_counted',
  'absence_is_not_known',
  'always_true',
  'never_true',
] as const;

/** What a definition does not do, for the person who wrote it. */
export interface AudienceWarning {
  readonly code: (typeof WARNING_CODES)[number];
  /** The condition that it is about, as a query. */
  readonly condition: string;
  readonly message: string;
}

/**
 * The conditions that know less than they seem to, each once: what they count begins when their audience is defined, and
 * who did something before counts as one who never did it. Also those that are true of every count, or of none.
 */
export function warningsOf(definition: AudienceDefinition): readonly AudienceWarning[] {
  const found = new Map<string, AudienceWarning>();
  for (const [condition, isNegated] of eventConditions(definition, false)) {
    const text = printQuery(condition);
    const constant = constantOf(condition);
    if (constant !== undefined) {
      const code = constant ? 'always_true' : 'never_true';
      const message = `${text} is ${constant ? 'true of everybody' : 'true of nobody'}: a count is 0 or more.`;
      found.set(text, { code, condition: text, message });
      continue;
    }
    const isOfAbsence = holds(condition.count.op, -condition.count.value) !== isNegated;
    found.set(`${aggregateOf(condition).hash} ${text} ${isOfAbsence}`, {
      code: isOfAbsence ? 'absence_is_not_known' : 'events_before_are_not_counted',
      condition: text,
      message: isOfAbsence
        ? absenceMessage(text)
        : `${text} counts events from the definition on, none before it.`,
    });
  }
  return [...found.values()];
}

/** The value of a condition that is the same for every count; undefined where counts differ. */
function constantOf({ count: { op, value } }: EventCondition): boolean | undefined {
  const counts = [0, Math.max(0, value - 1), value, value + 1];
  const values = new Set(counts.map((count) => holds(op, count - value)));
  return values.size === 1 ? values.has(true) : undefined;
}

const absenceMessage = (text: string) =>
  `${text} counts events from the definition on, none before it: ` +
  'people who had such events before are in the audience as if they had none.';

/** With whether an odd number of NOTs is around it. */
function eventConditions(
  definition: AudienceDefinition,
  isNegated: boolean,
): readonly (readonly [EventCondition, boolean])[] {
  switch (definition.kind) {
    case 'and':
    case 'or':
      return definition.operands.flatMap((operand) => eventConditions(operand, isNegated));
    case 'not':
      return eventConditions(definition.operand, !isNegated);
    case 'event':
      return [[definition, isNegated]];
    case 'trait':
      return [];
  }
}
