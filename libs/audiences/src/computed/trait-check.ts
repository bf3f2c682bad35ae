import type { ComputedTrait, Reducer, ReducerValue, TraitWindow } from './computed-trait.js';
import { durationAt } from '../filter-check.js';
import { selectionOf } from '../selection-check.js';
import { fault, memberAt, onlyMembers, textAt, TreeFault, wordAt, type Node } from '../tree.js';

const OPERATORS = [
  ...(['count', 'sum', 'avg', 'min', 'max', 'mode', 'first', 'last', 'unique', 'unique_count'] as const),
  ...(['first_at', 'last_at', 'time_since_first', 'time_since_last', 'stage'] as const),
] as const;

/** Reads a value of events from JSON. Throws a TreeFault at what is none. */
export function checkComputedTrait(node: Node): ComputedTrait {
  const window = node.value.window === undefined ? undefined : windowOf(memberAt(node, 'window'));
  const reducer = reducerOf(memberAt(node, 'reducer'), window);
  return { ...selectionOf(node), ...(window && { window }), reducer };
}

function windowOf(node: Node): TraitWindow {
  onlyMembers(node, ['fromMs', 'toMs']);
  const toMs = durationAt(node, 'toMs');
  if (node.value.fromMs === undefined) return { toMs };
  const fromMs = durationAt(node, 'fromMs');
  if (fromMs >= toMs) throw new TreeFault(`${node.path}.fromMs`, 'expected less than toMs');
  return { fromMs, toMs };
}

function reducerOf(node: Node, window: TraitWindow | undefined): Reducer {
  const op = wordAt(node, 'op', OPERATORS);
  switch (op) {
    case 'count':
      onlyMembers(node, ['op']);
      return { op };
    case 'min':
    case 'max': {
      onlyMembers(node, ['op', 'value', 'as']);
      const isText = node.value.as !== undefined && wordAt(node, 'as', ['text']);
      return { op, value: valueAt(node), ...(isText && { as: 'text' }) };
    }
    case 'mode':
      onlyMembers(node, ['op', 'value', 'minimumFrequency']);
      return { op, value: valueAt(node), minimumFrequency: frequencyAt(node) };
    case 'sum':
    case 'avg':
    case 'first':
    case 'last':
    case 'unique':
    case 'unique_count':
      onlyMembers(node, ['op', 'value']);
      return { op, value: valueAt(node) };
    case 'first_at':
    case 'last_at':
    case 'time_since_first':
    case 'time_since_last':
      onlyMembers(node, ['op']);
      if (window && (op === 'first_at' || op === 'time_since_first')) throw ofAllTime(node, op);
      if (window?.fromMs !== undefined)
        throw new TreeFault(`${node.path}.op`, `${op} takes a window without fromMs`);
      return { op };
    case 'stage':
      onlyMembers(node, ['op', 'newMs', 'atRiskMs', 'dormantMs']);
      if (window) throw ofAllTime(node, op);
      return { op, ...silencesAt(node) };
  }
}

function ofAllTime(node: Node, op: string): TreeFault {
  return new TreeFault(`${node.path}.op`, `${op} is of all time: leave the window out`);
}

function valueAt(node: Node): ReducerValue {
  const value = memberAt(node, 'value');
  onlyMembers(value, ['from', 'path']);
  return { from: wordAt(value, 'from', ['property', 'context']), path: textAt(value, 'path') };
}

function frequencyAt(node: Node): number {
  const { minimumFrequency } = node.value;
  if (typeof minimumFrequency === 'number' && Number.isInteger(minimumFrequency) && minimumFrequency >= 1)
    return minimumFrequency;
  throw fault(node, 'minimumFrequency', 'a whole number from 1');
}

function silencesAt(node: Node) {
  const dormantMs = durationAt(node, 'dormantMs');
  const [newMs, atRiskMs] = [durationAt(node, 'newMs'), durationAt(node, 'atRiskMs')];
  if (newMs < dormantMs && atRiskMs < dormantMs) return { newMs, atRiskMs, dormantMs };
  throw new TreeFault(`${node.path}.dormantMs`, 'expected more than newMs and atRiskMs');
}
