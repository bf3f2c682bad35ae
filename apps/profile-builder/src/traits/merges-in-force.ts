import {
  aggregatesOfMerge,
  strategyOf,
  type MergeStrategy,
  type WantedAggregate,
} from '@tributary/audiences';
import { messageOf, validateTraitRule, type TraitRuleMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';

/** The rule of a trait: how it is merged from what identify calls of a person sent. */
export interface MergeInForce {
  readonly workspaceId: string;
  readonly name: string;
  readonly strategy: MergeStrategy;
  /** What the state of a partition keeps of it. */
  readonly query: string;
  readonly definitionHash: string;
  /** The aggregates that it is merged from. */
  readonly wanted: readonly WantedAggregate[];
}

/** Begins the id of a rule where computed traits are beside it: no key of theirs begins so. */
const MERGE = '@merge/';

/** The id of a rule beside computed traits. */
export function mergeId(name: string): string {
  return `${MERGE}${name}`;
}

/** The name of the trait, where an id is that of a rule. */
export function mergedName(id: string): string | undefined {
  return id.startsWith(MERGE) ? id.slice(MERGE.length) : undefined;
}

/** A rule, or undefined where it is removed; the error says why the record is neither. */
export function readMerge(record: LogRecord): Result<MergeInForce | undefined, string> {
  const error = validateTraitRule(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { workspaceId, name, merge } = messageOf(record) as TraitRuleMessage;
  return ok(toMergeInForce(workspaceId, name, merge));
}

/** A rule by its strategy; by one that is not known, that of all traits. */
export function toMergeInForce(workspaceId: string, name: string, query: string): MergeInForce {
  const strategy = strategyOf({ [name]: query as MergeStrategy }, name);
  const wanted = aggregatesOfMerge(name, strategy);
  return { workspaceId, name, strategy, query, definitionHash: query, wanted };
}
