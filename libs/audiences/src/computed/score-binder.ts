import { onlyText, refuseLabel, unknown } from '../query-arguments.js';
import { describe, QueryFault, type Argument, type Call, type Chain } from '../query-syntax.js';
import { MAX_GROUPS, type Score } from './score.js';

const EXAMPLE = "trait('revenue').score(5)";

/** Gives `trait('revenue').score(5)` its meaning. Throws a QueryFault at what has none. */
export function bindScore({ calls: [head, call, excess] }: Chain): Score {
  const ranks = onlyText(head);
  if (!call) {
    throw new QueryFault(
      `expected .score(…) after trait(…): a computed trait is made of events, or ranks a trait as ${EXAMPLE} does`,
      head.end,
    );
  }
  if (call.name !== 'score') throw unknown('function of a trait', call, ['score'], []);
  if (excess) throw new QueryFault('nothing may follow score(…)', excess.at);
  const [groups, best, another] = call.args;
  if (another)
    throw new QueryFault(
      `score(…) takes a number of groups, and best: 'lowest' where less is better`,
      another.at,
    );
  return { ranks, groups: groupsOf(call, groups), best: best ? bestOf(best) : 'highest' };
}

function groupsOf(call: Call, argument: Argument | undefined): number {
  if (!argument) throw new QueryFault(`expected a number of groups in score(…): ${EXAMPLE}`, call.at);
  refuseLabel(call, argument);
  const { value: written } = argument;
  const groups = written.kind === 'literal' ? written.value : undefined;
  if (typeof groups === 'number' && Number.isInteger(groups) && groups >= 2 && groups <= MAX_GROUPS)
    return groups;
  throw new QueryFault(
    `score(…) takes a whole number of groups from 2 to ${MAX_GROUPS}, not ${describe(written)}`,
    written.at,
  );
}

function bestOf({ label, value, at }: Argument): Score['best'] {
  const written = value.kind === 'literal' ? value.value : undefined;
  if (label === 'best' && (written === 'lowest' || written === 'highest')) return written;
  throw new QueryFault(`the second argument of score(…) is best: 'lowest' or best: 'highest'`, at);
}
