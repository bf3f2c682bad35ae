import { failed, ok, type Result } from '@tributary/kernel';
import {
  MAX_CONDITIONS,
  MAX_COUNT,
  type AudienceDefinition,
  type CountComparison,
  type EventCondition,
  type QueryError,
  type ValueCondition,
  type TreeProblem,
} from './definition.js';
import { checkComparison, durationAt } from './filter-check.js';
import { conditionOn, isOfCounts, join } from './normal-form.js';
import { isPercent } from './random.js';
import { selectionOf } from './selection-check.js';
import { checkComputedTrait } from './computed/trait-check.js';
import {
  fault,
  listAt,
  memberAt,
  nestedAt,
  onlyMembers,
  textAt,
  TreeFault,
  wordAt,
  type Node,
} from './tree.js';

const KINDS = ['and', 'or', 'not', 'event', 'trait', 'value', 'random', 'audience'] as const;
const ORDER = ['=', '!=', '>', '>=', '<', '<='] as const;

/**
 * Reads a definition that somebody wrote as JSON, and brings it into normal form. A member that is not known is an
 * error: without it the definition would mean something else. The error names each place in the tree and what would
 * be right there.
 */
export function checkDefinition(tree: unknown): Result<AudienceDefinition, QueryError> {
  return definitionIn(tree, []);
}

/** As {@link checkDefinition}, of a definition that was stored. Members that are not known are left out. */
export function readDefinition(tree: unknown): Result<AudienceDefinition, QueryError> {
  return definitionIn(tree, undefined);
}

/** The error of the `nth` condition of a tree that can be read, from 0. */
export function errorAtNode(tree: unknown, nth: number, reason: string): QueryError {
  const conditions: string[] = [];
  checked([], () => definitionOf(nestedAt({ depth: 0, unknown: undefined }, 'definition', tree), conditions));
  return errorOf({ path: conditions[nth] ?? 'definition', reason }, []);
}

function definitionIn(
  tree: unknown,
  unknown: TreeProblem[] | undefined,
): Result<AudienceDefinition, QueryError> {
  return checked(unknown, () => {
    const conditions: string[] = [];
    const definition = definitionOf(nestedAt({ depth: 0, unknown }, 'definition', tree), conditions);
    const excess = conditions[MAX_CONDITIONS];
    if (excess) throw new TreeFault(excess, `more than ${MAX_CONDITIONS} conditions in one definition`);
    return definition;
  });
}

/** What the check returns, unless it throws a fault or notes unknown members: those are often why a member is missing. */
function checked<T>(unknown: readonly TreeProblem[] = [], check: () => T): Result<T, QueryError> {
  try {
    const value = check();
    const [first, ...others] = unknown;
    return first ? failed(errorOf(first, others)) : ok(value);
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    const [first, ...others] = [...unknown, { path: error.path, reason: error.reason }];
    return failed(errorOf(first, others));
  }
}

function errorOf(first: TreeProblem, others: readonly TreeProblem[]): QueryError {
  const problems = [first, ...others];
  const message = problems.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  return { message, path: first.path, problems };
}

function definitionOf(node: Node, conditions: string[]): AudienceDefinition {
  const kind = wordAt(node, 'kind', KINDS);
  switch (kind) {
    case 'and':
    case 'or':
      onlyMembers(node, ['kind', 'operands']);
      return join<AudienceDefinition>(
        kind,
        listAt(node, 'operands', 2).map((operand) => definitionOf(operand, conditions)),
      );
    case 'not':
      onlyMembers(node, ['kind', 'operand']);
      return { kind, operand: definitionOf(memberAt(node, 'operand'), conditions) };
    case 'event':
      onlyMembers(node, ['kind', 'call', 'name', 'where', 'withinMs', 'count']);
      conditions.push(node.path);
      return eventOf(node);
    case 'trait':
      onlyMembers(node, ['kind', 'name', 'comparison']);
      conditions.push(node.path);
      return { kind, name: textAt(node, 'name'), comparison: checkComparison(memberAt(node, 'comparison')) };
    case 'value':
      onlyMembers(node, ['kind', 'call', 'name', 'where', 'window', 'reducer', 'comparison']);
      conditions.push(node.path);
      return valueOf(node);
    case 'random':
      onlyMembers(node, ['kind', 'percent']);
      conditions.push(node.path);
      return { kind, percent: percentAt(node) };
    case 'audience':
      onlyMembers(node, ['kind', 'key']);
      conditions.push(node.path);
      return { kind, key: textAt(node, 'key') };
  }
}

function eventOf(node: Node): EventCondition {
  const window = node.value.withinMs === undefined ? {} : { withinMs: durationAt(node, 'withinMs') };
  return { kind: 'event', ...selectionOf(node), ...window, count: countOf(memberAt(node, 'count')) };
}

function valueOf(node: Node): EventCondition | ValueCondition {
  const trait = checkComputedTrait(node);
  const comparison = checkComparison(memberAt(node, 'comparison'));
  if (trait.reducer.op !== 'count' || isOfCounts(comparison)) return conditionOn(trait, comparison);
  throw new TreeFault(
    `${node.path}.comparison`,
    'expected one with whole numbers from 0 on, for it is of a count',
  );
}

function percentAt(node: Node): number {
  const { percent } = node.value;
  if (typeof percent === 'number' && isPercent(percent)) return percent;
  throw fault(node, 'percent', 'a number above 0, 100 at most, with four decimals at most');
}

function countOf(node: Node): CountComparison {
  onlyMembers(node, ['op', 'value']);
  return { op: wordAt(node, 'op', ORDER), value: wholeNumberAt(node, 'value', 0, MAX_COUNT) };
}

function wholeNumberAt(node: Node, name: string, least: number, greatest: number): number {
  const value = node.value[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest) {
    return value + 0;
  }
  throw fault(node, name, `a whole number from ${least} to ${greatest}`);
}
