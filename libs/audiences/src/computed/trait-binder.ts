import { nearestName } from '@tributary/kernel';
import { bindFilters, bindSelector, EVENT_HEADS } from '../selection-binder.js';
import { onlyText, refuseLabel, unknown, windowOf } from '../query-arguments.js';
import {
  describe,
  QueryFault,
  type Argument,
  type Call,
  type Chain,
  type Place,
  type Syntax,
} from '../query-syntax.js';
import type { ComputedTrait, Reducer, ReducerValue, TraitWindow } from './computed-trait.js';

const OF_VALUES = ['sum', 'avg', 'min', 'max', 'mode', 'first', 'last', 'unique'];
const OF_TIMES = ['first_at', 'last_at', 'time_since_first', 'time_since_last'] as const;
const REDUCERS = ['count', ...OF_VALUES, ...OF_TIMES, 'stage'];
/** What selects events of a selection, and when they were. */
export const FILTERS = ['where', 'within', 'between'];
const LATER_FILTERS = ['sources'];
const LATER_REDUCERS = ['top'];
/** A value that occurs in fewer events is not the most frequent one, unless said otherwise. */
const LEAST_FREQUENCY = 2;

/** Gives the names in the text of a computed trait their meaning. Throws a QueryFault at what has none. */
export function bindComputedTrait(syntax: Syntax): ComputedTrait {
  if (syntax.kind === 'compare') {
    throw new QueryFault('a computed trait ends in a value, not in a comparison', syntax.at);
  }
  if (syntax.kind !== 'chain') {
    throw new QueryFault(`a computed trait begins with event(…), not with ${describe(syntax)}`, syntax.at);
  }
  const [head] = syntax.calls;
  if (!EVENT_HEADS.includes(head.name)) {
    if (head.name === 'trait')
      throw new QueryFault('a computed trait is made of events: begin with event(…)', head.at);
    throw unknown('function', head, EVENT_HEADS, []);
  }
  const { trait, reducer, rest } = bindValueOfEvents(syntax, (at) => {
    return new QueryFault(
      `a computed trait ends in a value: expected one such as .count() or .sum(property('price')) after ${head.name}(…)`,
      at,
    );
  });
  refuseRest(reducer, rest[0]);
  return trait;
}

/** A value of events, and what is written behind its reducer. `missing`: the fault of one without a reducer. */
export function bindValueOfEvents(
  { calls: [head, ...calls] }: Chain,
  missing: (at: Place) => QueryFault,
): { readonly trait: ComputedTrait; readonly reducer: Call; readonly rest: readonly Call[] } {
  const reducerAt = calls.findIndex((call) => !FILTERS.includes(call.name));
  const reducer = calls[reducerAt];
  if (!reducer) throw missing((calls.at(-1) ?? head).end);
  const { where, within, between } = bindFilters(calls.slice(0, reducerAt));
  const window = windowBy(within, between);
  const [next, ...rest] = calls.slice(reducerAt + 1);
  const isCounted = reducer.name === 'unique' && next?.name === 'count';
  if (isCounted) refuseArguments(next);
  const bound = bindReducer(reducer, window, isCounted);
  return {
    trait: { ...bindSelector(head), ...(where && { where }), ...(window && { window }), reducer: bound },
    reducer: isCounted ? next : reducer,
    rest: isCounted || !next ? rest : [next, ...rest],
  };
}

function windowBy(within: Call | undefined, between: Call | undefined): TraitWindow | undefined {
  if (within && between)
    throw new QueryFault('within(…) and between(…) are one window: write one of them', between.at);
  if (within) return { toMs: windowOf(within) };
  if (!between) return undefined;
  const [from, to] = between.args;
  const example = 'two times, such as between(7 days, 10 days)';
  if (!from || !to) throw new QueryFault(`expected ${example}`, between.at);
  if (between.args[2]) throw new QueryFault(`between(…) takes ${example}`, between.args[2].at);
  const [fromMs, toMs] = [from, to].map((argument) => windowOf({ ...between, args: [argument] }));
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) {
    throw new QueryFault('the first time in between(…) is to be less than the second', from.at);
  }
  return { fromMs, toMs };
}

function bindReducer(call: Call, window: TraitWindow | undefined, isCounted: boolean): Reducer {
  if (isCounted) return { op: 'unique_count', value: bindValue(call).value };
  if (call.name === 'count') {
    refuseArguments(call);
    return { op: 'count' };
  }
  const time = OF_TIMES.find((name) => name === call.name);
  if (time) return bindTime(call, time, window);
  switch (call.name) {
    case 'sum':
    case 'avg':
    case 'first':
    case 'last':
    case 'unique':
      return { op: call.name, value: bindValue(call).value };
    case 'min':
    case 'max': {
      const { value, as } = bindValue(call, { canBeText: true });
      return { op: call.name, value, ...(as && { as }) };
    }
    case 'mode':
      return bindMode(call);
    case 'stage':
      return bindStage(call, window);
    default:
      throw unknownMethod(call);
  }
}

/** The fault of what is neither a filter nor a reducer. */
function unknownMethod(call: Call): QueryFault {
  const filters = [...FILTERS, ...LATER_FILTERS];
  const nearest = nearestName(call.name, [...filters, ...REDUCERS, ...LATER_REDUCERS]);
  return nearest !== undefined && filters.includes(nearest)
    ? unknown('filter', call, FILTERS, LATER_FILTERS)
    : unknown('reducer', call, REDUCERS, LATER_REDUCERS);
}

/** Nothing may come behind a reducer; of a filter the place is said where it belongs. */
export function refuseRest(call: Call, next: Call | undefined): void {
  if (!next) return;
  const advice = FILTERS.includes(next.name) ? `: write .${next.name}(…) before .${call.name}(…)` : '';
  throw new QueryFault(`nothing may follow ${call.name}(…)${advice}`, next.at);
}

function refuseArguments(call: Call): void {
  if (call.args[0]) throw new QueryFault(`${call.name}() takes nothing`, call.args[0].at);
}

function bindTime(call: Call, op: (typeof OF_TIMES)[number], window: TraitWindow | undefined): Reducer {
  refuseArguments(call);
  const isFirst = op === 'first_at' || op === 'time_since_first';
  if (window && isFirst) {
    throw new QueryFault(`${op}() is of all time: leave the window out, or write last_at()`, call.at);
  }
  if (window?.fromMs !== undefined) {
    throw new QueryFault(`${op}() takes within(…), not between(…)`, call.at);
  }
  return { op };
}

function bindStage(call: Call, window: TraitWindow | undefined): Reducer {
  const example =
    'three times: how long a customer is new, and after which silence at risk and dormant, such as stage(30 days, 90 days, 180 days)';
  if (window) throw new QueryFault('stage(…) is of all time: leave the window out', call.at);
  if (call.args.length !== 3) throw new QueryFault(`stage(…) takes ${example}`, call.at);
  const [newMs = 0, atRiskMs = 0, dormantMs = 0] = call.args.map((argument) =>
    windowOf({ ...call, args: [argument] }),
  );
  if (atRiskMs < dormantMs && newMs < dormantMs) return { op: 'stage', newMs, atRiskMs, dormantMs };
  throw new QueryFault('the third time in stage(…) is to be the longest', call.args[2]?.at ?? call.at);
}

function bindMode(call: Call): Reducer {
  const [value, frequency, excess] = call.args;
  if (excess)
    throw new QueryFault("mode(…) takes a value and a frequency: mode(property('x'), 2)", excess.at);
  const bound = bindValue({ ...call, args: value ? [value] : [] }).value;
  if (!frequency) return { op: 'mode', value: bound, minimumFrequency: LEAST_FREQUENCY };
  refuseLabel(call, frequency);
  const { value: written } = frequency;
  const least = written.kind === 'literal' ? written.value : undefined;
  if (typeof least !== 'number' || !Number.isInteger(least) || least < 1) {
    throw new QueryFault(
      `the least frequency is a whole number from 1, not ${describe(written)}`,
      written.at,
    );
  }
  return { op: 'mode', value: bound, minimumFrequency: least };
}

function bindValue(
  call: Call,
  { canBeText = false } = {},
): { readonly value: ReducerValue; readonly as?: 'text' } {
  const [argument, excess] = call.args;
  const example = `${call.name}(property('price'))`;
  if (!argument) throw new QueryFault(`expected a value in ${call.name}(…): ${example}`, call.at);
  if (excess) throw new QueryFault(`${call.name}(…) takes one value: ${example}`, excess.at);
  const as = typeOf(call, argument, canBeText);
  const { value } = argument;
  if (value.kind !== 'chain' || value.calls.length > 1)
    throw new QueryFault(
      `${call.name}(…) takes a value such as ${example}, not ${describe(value)}`,
      value.at,
    );
  const [{ name }] = value.calls;
  if (name !== 'property' && name !== 'context')
    throw unknown('value', value.calls[0], ['property', 'context'], ['trait']);
  return { value: { from: name, path: onlyText(value.calls[0]) }, ...(as && { as }) };
}

function typeOf(call: Call, { as, ...argument }: Argument, canBeText: boolean): 'text' | undefined {
  refuseLabel(call, argument);
  if (as === undefined || as === 'number') return undefined;
  if (as !== 'string')
    throw new QueryFault(`there is no type "${as}" here: write as string, or leave it out`, argument.at);
  if (canBeText) return 'text';
  throw new QueryFault(
    `${call.name}(…) of texts is not possible: only min(…) and max(…) compare them`,
    argument.at,
  );
}
