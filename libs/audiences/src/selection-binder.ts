import type { CallSelector, Filter } from './filter.js';
import { bindFilter } from './filter-binder.js';
import { onlyText } from './query-arguments.js';
import { QueryFault, type Call } from './query-syntax.js';

/** What a selection of events begins with. */
export const EVENT_HEADS = ['event', 'page', 'screen', 'identify', 'group'];

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
