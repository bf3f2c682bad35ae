import { leafOf } from './leaf.js';
import type { AudienceDefinition, EventCondition } from './definition.js';
import { printQuery } from './query-printer.js';
import { holds } from './values.js';

/** What a definition does not do yet, for the person who wrote it. */
export interface AudienceWarning {
  readonly code: 'events_before_are_not_counted' | 'absence_is_not_known';
  /** The condition that it is about, as a query. */
  readonly condition: string;
  readonly message: string;
}

/**
 * The conditions that know less than they seem to, each once: what they count begins when their audience is defined, and
 * who did something before counts as one who never did it.
 */
export function warningsOf(definition: AudienceDefinition): readonly AudienceWarning[] {
  const found = new Map<string, AudienceWarning>();
  for (const [condition, isNegated] of eventConditions(definition, false)) {
    const text = printQuery(condition);
    const isOfAbsence = holds(condition.count.op, -condition.count.value) !== isNegated;
    found.set(`${leafOf(condition).hash} ${text} ${isOfAbsence}`, {
      code: isOfAbsence ? 'absence_is_not_known' : 'events_before_are_not_counted',
      condition: text,
      message: isOfAbsence
        ? absenceMessage(text)
        : `${text} counts events from the definition on, none before it.`,
    });
  }
  return [...found.values()];
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
