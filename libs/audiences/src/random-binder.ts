import { refuseLabel } from './query-arguments.js';
import { describe, QueryFault, type Call } from './query-syntax.js';
import { isPercent } from './random.js';

/** The share of `random(10%)`. */
export function bindRandom(call: Call): number {
  const [argument, excess] = call.args;
  const example = 'a share of everybody, such as 10%';
  if (!argument) throw new QueryFault(`expected ${example} in random(…)`, call.at);
  if (excess) throw new QueryFault(`random(…) takes ${example}`, excess.at);
  refuseLabel(call, argument);
  const { value } = argument;
  if (value.kind !== 'percent') {
    throw new QueryFault(`random(…) takes ${example}, not ${describe(value)}`, value.at);
  }
  if (isPercent(value.amount)) return value.amount;
  throw new QueryFault(
    `a share is more than 0% and at most 100%, with four digits behind the point at most; found ${describe(value)}`,
    value.at,
  );
}
