import type { EventSelection } from './aggregate-matching.js';
import type { CallSelector } from './filter.js';
import { checkFilter } from './filter-check.js';
import { fault, memberAt, textAt, wordAt, type Node } from './tree.js';

const CALLS: readonly CallSelector[] = ['track', 'page', 'screen', 'identify', 'group', 'any'];
const NAMED: readonly CallSelector[] = ['track', 'page', 'screen'];

/** Reads what selects events from JSON. Throws a TreeFault at what does not. */
export function selectionOf(node: Node): EventSelection {
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
