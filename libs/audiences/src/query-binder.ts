import { nearestName } from '@tributary/kernel';
import {
  MAX_CONDITIONS,
  MAX_COUNT,
  type AudienceDefinition,
  type CallSelector,
  type CountComparison,
  type EventCondition,
  type Filter,
  type TraitCondition,
} from './definition.js';
import { bindFilter } from './filter-binder.js';
import { bindComparison, ORDER_WORDS, orderOperator, type Operation } from './comparison-binder.js';
import { onlyText, unknown, windowOf } from './query-arguments.js';
import { join } from './normal-form.js';
import { describe, QueryFault, type Call, type Chain, type Place, type Syntax } from './query-syntax.js';

/** What a selection of events begins with. */
export const EVENT_HEADS = ['event', 'page', 'screen', 'identify', 'group'];
const HEADS = [...EVENT_HEADS, 'trait'];
const LATER_HEADS = ['sequence', 'audience', 'first_time', 'random', 'any', 'all'];
const FILTERS = ['where', 'within'];
const LATER_FILTERS = ['between', 'sources'];
const REDUCERS = ['count'];
const LATER_REDUCERS = ['sum', 'avg', 'max', 'min', 'mode', 'first', 'last', 'unique'];

/** Gives the names in a text their meaning. Throws a QueryFault at what has none. */
export function bindQuery(syntax: Syntax): AudienceDefinition {
  const conditions: Place[] = [];
  const definition = bindCondition(syntax, conditions);
  const excess = conditions[MAX_CONDITIONS];
  if (excess) throw new QueryFault(`more than ${MAX_CONDITIONS} conditions in one definition`, excess);
  return definition;
}

function bindCondition(syntax: Syntax, conditions: Place[]): AudienceDefinition {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return join<AudienceDefinition>(
        syntax.kind,
        syntax.operands.map((operand) => bindCondition(operand, conditions)),
      );
    case 'not':
      return { kind: 'not', operand: bindCondition(syntax.operand, conditions) };
    case 'compare':
      if (syntax.left.kind === 'chain') return bindChain(syntax.left, conditions, syntax);
      break;
    case 'chain':
      return bindChain(syntax, conditions);
  }
  const found = syntax.kind === 'compare' ? syntax.left : syntax;
  throw new QueryFault(`expected event(…) or trait(…) but found ${describe(found)}`, found.at);
}

function bindChain(chain: Chain, conditions: Place[], operation?: Operation): AudienceDefinition {
  const [head] = chain.calls;
  conditions.push(head.at);
  if (EVENT_HEADS.includes(head.name)) return bindEvent(chain, operation);
  if (head.name === 'trait') return bindTrait(chain, operation);
  if (head.name === 'property' || head.name === 'context') {
    throw new QueryFault(`${head.name}(…) stands only inside where(…)`, head.at);
  }
  throw unknown('function', head, HEADS, LATER_HEADS);
}

function bindTrait({ calls: [head, ...rest] }: Chain, operation?: Operation): TraitCondition {
  return { kind: 'trait', name: onlyText(head), comparison: bindComparison(head, rest, operation) };
}

function bindEvent({ calls: [head, ...rest] }: Chain, operation?: Operation): EventCondition {
  const reducerAt = rest.findIndex((call) => !FILTERS.includes(call.name));
  const filters = reducerAt < 0 ? rest : rest.slice(0, reducerAt);
  const reducer = rest[filters.length];
  if (!reducer) {
    throw new QueryFault(
      `an audience ends in a comparison: expected .count() and one such as ">= 1" after ${head.name}(…)`,
      (rest.at(-1) ?? head).end,
    );
  }
  if (!REDUCERS.includes(reducer.name)) throw unknownMethod(reducer);
  if (reducer.args[0]) throw new QueryFault('count() takes nothing', reducer.args[0].at);
  const { where, within } = bindFilters(filters);
  return {
    kind: 'event',
    ...bindSelector(head),
    ...(where && { where }),
    ...(within && { withinMs: windowOf(within) }),
    count: bindCount(reducer, rest.slice(filters.length + 1), operation),
  };
}

function unknownMethod(call: Call): QueryFault {
  if ([...LATER_FILTERS, ...LATER_REDUCERS].includes(call.name)) {
    return new QueryFault(`${call.name}(…) is not supported yet`, call.at);
  }
  const filters = [...FILTERS, ...LATER_FILTERS];
  const nearest = nearestName(call.name, [...filters, ...REDUCERS, ...LATER_REDUCERS]);
  return nearest !== undefined && filters.includes(nearest)
    ? unknown('filter', call, FILTERS, LATER_FILTERS)
    : unknown('reducer', call, REDUCERS, LATER_REDUCERS);
}

/** Which calls `event('Name')`, `page(…)` and the like are about. */
export function bindSelector(head: Call): { readonly call: CallSelector; readonly name?: string } {
  if (head.name === 'identify' || head.name === 'group') {
    if (head.args[0]) throw new QueryFault(`${head.name}() takes nothing`, head.args[0].at);
    return { call: head.name };
  }
  const isAny = head.args.length === 1 && head.args[0]?.value.kind === 'star';
  if (head.name === 'event') return isAny ? { call: 'any' } : { call: 'track', name: onlyText(head) };
  const call = head.name === 'page' ? 'page' : 'screen';
  return isAny || head.args.length === 0 ? { call } : { call, name: onlyText(head) };
}

/** The filters of a selection, each given once; `where` with its meaning, windows as they are written. */
export function bindFilters(filters: readonly Call[]): {
  readonly where?: Filter;
  readonly within?: Call;
  readonly between?: Call;
} {
  const byName = new Map<string, Call>();
  for (const call of filters) {
    if (byName.has(call.name)) {
      const advice = call.name === 'where' ? ': join the two with AND' : '';
      throw new QueryFault(`${call.name}(…) is given twice${advice}`, call.at);
    }
    byName.set(call.name, call);
  }
  const where = byName.get('where');
  const within = byName.get('within');
  const between = byName.get('between');
  return {
    ...(where && { where: bindFilter(where) }),
    ...(within && { within }),
    ...(between && { between }),
  };
}

function bindCount(reducer: Call, rest: readonly Call[], operation?: Operation): CountComparison {
  const [word, excess] = rest;
  if (excess) throw new QueryFault(`nothing may follow ${word?.name ?? ''}(…)`, excess.at);
  if (word && operation)
    throw new QueryFault(`compared twice: with ${word.name}(…) and "${operation.op}"`, word.at);
  if (word) {
    if (!Object.hasOwn(ORDER_WORDS, word.name)) {
      throw unknown('comparison of a count', word, Object.keys(ORDER_WORDS), []);
    }
    const [bound, another] = word.args;
    if (!bound || another) throw new QueryFault(`${word.name}(…) takes one number`, word.at);
    return { op: orderOperator(word.name), value: boundOf(bound.value) };
  }
  if (operation) return { op: orderOperator(operation.op), value: boundOf(operation.right) };
  throw new QueryFault('expected a comparison such as ">= 1" after count()', reducer.end);
}

function boundOf(syntax: Syntax): number {
  const value = syntax.kind === 'literal' ? syntax.value : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    if (value <= MAX_COUNT) return value;
    throw new QueryFault(`counts above ${MAX_COUNT} are not supported yet`, syntax.at);
  }
  throw new QueryFault(
    `a count is compared with a whole number from 0 to ${MAX_COUNT}, not with ${describe(syntax)}`,
    syntax.at,
  );
}
