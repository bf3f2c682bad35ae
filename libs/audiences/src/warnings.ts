import { conditionsOf } from './aggregate.js';
import type { AudienceDefinition, Condition, CountComparison } from './definition.js';
import { isOrder } from './filter.js';
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
    const count = countIn(condition);
    const constant = count && constantOf(count);
    if (constant === undefined) continue;
    const text = printQuery(condition);
    const code = constant ? 'always_true' : 'never_true';
    const message = `${text} is ${constant ? 'true of everybody' : 'true of nobody'}: a count is 0 or more.`;
    found.set(text, { code, condition: text, message });
  }
  return [...found.values()];
}

/** What a count is compared with; undefined of what is no count. */
function countIn(condition: Condition): CountComparison | undefined {
  if (condition.kind === 'event') return condition.count;
  if (condition.kind !== 'value' || !COUNTS.includes(condition.reducer.op)) return undefined;
  const { comparison } = condition;
  if (!isOrder(comparison) || typeof comparison.value !== 'number') return undefined;
  return { op: comparison.op, value: comparison.value };
}

const COUNTS: readonly string[] = ['count', 'unique_count'];

/** The value of a condition that is the same for every count; undefined where counts differ. */
function constantOf({ op, value }: CountComparison): boolean | undefined {
  const whole = Math.floor(value);
  const counts = [0, whole - 1, whole, whole + 1].filter((count) => count >= 0);
  const values = new Set(counts.map((count) => holds(op, count - value)));
  return values.size === 1 ? values.has(true) : undefined;
}
