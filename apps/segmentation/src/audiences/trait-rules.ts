import { messageOf, validateTraitRule, type TraitRuleMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';

/** How a trait is merged. */
export interface TraitRule extends Pick<TraitRuleMessage, 'merge'> {
  readonly definitionHash: string;
}

/** A rule, or undefined where it is removed; the error says why the record is neither. */
export function readTraitRule(record: LogRecord): Result<TraitRule | undefined, string> {
  const error = validateTraitRule(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { merge } = messageOf(record) as TraitRuleMessage;
  return ok({ merge, definitionHash: merge });
}
