import { bindComparison, type Operation } from './comparison-binder.js';
import type { Filter } from './filter.js';
import { join } from './normal-form.js';
import { onlyText, refuseLabel, unknown } from './query-arguments.js';
import { describe, QueryFault, type Call, type Chain, type Syntax } from './query-syntax.js';

const HEADS = ['property', 'context'];
const LATER = ['event', 'trait', 'page', 'screen', 'identify', 'group', 'literal'];

/** The condition inside `where(…)`. */
export function bindFilter(where: Call): Filter {
  const [argument, excess] = where.args;
  if (!argument) throw new QueryFault("expected a condition such as property('x') = 1 in where(…)", where.at);
  if (excess?.value.kind === 'literal' && typeof excess.value.value === 'number') {
    throw new QueryFault('a number has no comma: write 1000, or 99.90 with a point', excess.at);
  }
  if (excess) throw new QueryFault('where(…) takes one condition: join several with AND or OR', excess.at);
  refuseLabel(where, argument);
  return bindPart(argument.value);
}

function bindPart(syntax: Syntax): Filter {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return join<Filter>(syntax.kind, syntax.operands.map(bindPart));
    case 'not':
      return { kind: 'not', operand: bindPart(syntax.operand) };
    case 'compare':
      if (syntax.left.kind === 'chain') return bindChain(syntax.left, syntax);
      break;
    case 'chain':
      return bindChain(syntax);
  }
  const found = syntax.kind === 'compare' ? syntax.left : syntax;
  throw new QueryFault(`expected property(…) or context(…) but found ${describe(found)}`, found.at);
}

function bindChain({ calls: [head, ...rest] }: Chain, operation?: Operation): Filter {
  if (LATER.includes(head.name)) {
    throw new QueryFault(`${head.name}(…) inside where(…) is not supported yet`, head.at);
  }
  if (head.name !== 'property' && head.name !== 'context') throw unknown('function', head, HEADS, []);
  const comparison = bindComparison(head, rest, operation);
  if ('ms' in comparison) {
    throw new QueryFault(
      `${comparison.op}(…) changes as time passes, and where(…) looks at an event once, as it comes: write before_date(…) or after_date(…), or compare a value behind where(…), such as event(…).last_at().${comparison.op}(…)`,
      rest[0]?.at ?? head.at,
    );
  }
  return { kind: head.name, path: onlyText(head), comparison };
}
