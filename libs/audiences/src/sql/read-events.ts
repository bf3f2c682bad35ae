import { aggregatesOf, traitNamesOf } from '../aggregate.js';
import type { AudienceDefinition } from '../definition.js';
import type { Expression } from './expressions.js';
import { callSql } from './filters.sql.js';
import { BoundTexts } from './texts.js';

/** A condition on rows of the event log, and its parameters by name. */
export interface ReadEventsSql {
  readonly test: Expression;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Which events a definition may count, whatever its filters and windows say; identify calls, where it reads a trait. */
export function readEventsSql(definition: AudienceDefinition): ReadEventsSql {
  const texts = new BoundTexts();
  const calls = new Set(aggregatesOf(definition).map((one) => callSql(one, texts.textOf)));
  if (traitNamesOf(definition).length > 0) calls.add("type = 'identify'");
  return { test: [...calls].map((call) => `(${call})`).join(' OR '), parameters: texts.parameters };
}
