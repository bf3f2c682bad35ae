import { conditionsOf } from './aggregate.js';
import type { AudienceDefinition, EventCondition } from './definition.js';
import { printQuery } from './query-printer.js';
import { holds } from './values.js';

export const WARNING_CODES = ['always_true', 'never_true'] as const;

/** What is odd about a definition, for the person who wrote it. */
export interface AudienceWarning {
  readonly code: (typeof WARNING_CODES)[number];
  /** The condition that it is about, as a query. */
  readonly condition: string;
  readonly message: string;
}

/** The conditions that are true of every count, or of none, each once. */
export function warningsOf(definition: AudienceDefinition): readonly AudienceWarning[] {
  const found = new Map<string, AudienceWarning>();
  for (const condition of conditionsOf(definition)) {
    if (condition.kind !== 'event') continue;
    const constant = constantOf(condition);
    if (constant === undefined) continue;
    const text = printQuery(condition);
    const code = constant ? 'always_true' : 'never_true';
    const message = `${text} is ${constant ? 'true of everybody' : 'true of nobody'}: a count is 0 or more.`;
    found.set(text, { code, condition: text, message });
  }
  return [...found.values()];
}

/** The value of a condition that is the same for every count; undefined where counts differ. */
function constantOf({ count: { op, value } }: EventCondition): boolean | undefined {
  const counts = [0, Math.max(0, value - 1), value, value + 1];
  const values = new Set(counts.map((count) => holds(op, count - value)));
  return values.size === 1 ? values.has(true) : undefined;
}
