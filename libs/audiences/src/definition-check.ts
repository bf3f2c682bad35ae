import { failed, ok, type Result } from '@tributary/kernel';
import {
  MAX_CONDITIONS,
  MAX_COUNT,
  type AudienceDefinition,
  type CallSelector,
  type CountComparison,
  type EventCondition,
  type QueryError,
  type TreeProblem,
} from './definition.js';
import { MAX_WITHIN_MS } from './durations.js';
import { checkComparison, checkFilter } from './filter-check.js';
import { join } from './normal-form.js';
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

const CALLS: readonly CallSelector[] = ['track', 'page', 'screen', 'identify', 'group', 'any'];
const NAMED: readonly CallSelector[] = ['track', 'page', 'screen'];
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
  const kind = wordAt(node, 'kind', ['and', 'or', 'not', 'event', 'trait'] as const);
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
  }
}

function eventOf(node: Node): EventCondition {
  const window =
    node.value.withinMs === undefined
      ? {}
      : { withinMs: wholeNumberAt(node, 'withinMs', 1_000, MAX_WITHIN_MS) };
  if (window.withinMs !== undefined && window.withinMs % 1_000 !== 0) {
    throw new TreeFault(`${node.path}.withinMs`, 'expected whole seconds, in milliseconds');
  }
  return { kind: 'event', ...selectionOf(node), ...window, count: countOf(memberAt(node, 'count')) };
}

function selectionOf(node: Node): Pick<EventCondition, 'call' | 'name' | 'where'> {
  const call = wordAt(node, 'call', CALLS);
  const hasName = node.value.name !== undefined;
  if (call === 'track' && !hasName) throw fault(node, 'name', 'the event\'s name; call "any" is of any');
  if (hasName && !NAMED.includes(call)) throw fault(node, 'name', `none, for the call is "${call}"`);
  return {
    call,
    ...(hasName ? { name: textAt(node, 'name') } : {}),
    ...(node.value.where === undefined ? {} : { where: checkFilter(memberAt(node, 'where')) }),
  };
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
