import {
  MAX_CONDITIONS,
  type AudienceDefinition,
  type Condition,
  type TraitCondition,
} from './definition.js';
import { bindComparison, type Operation } from './comparison-binder.js';
import { bindEventCondition, bindFirstTime } from './event-binder.js';
import { join } from './normal-form.js';
import { onlyText, unknown } from './query-arguments.js';
import { bindRandom } from './random-binder.js';
import { describe, QueryFault, type Chain, type Place, type Syntax } from './query-syntax.js';
import { EVENT_HEADS } from './selection-binder.js';

const HEADS = [...EVENT_HEADS, 'trait', 'audience', 'first_time', 'random'];
const LATER_HEADS = ['sequence', 'any', 'all'];

/** Gives the names in a text their meaning. Throws a QueryFault at what has none. */
export function bindQuery(syntax: Syntax): AudienceDefinition {
  return bindWithPlaces(syntax).definition;
}

/** As {@link bindQuery}, with the places of the conditions, in the order of the text. */
export function bindWithPlaces(syntax: Syntax): {
  readonly definition: AudienceDefinition;
  readonly places: readonly Place[];
} {
  const places: Place[] = [];
  const definition = bindCondition(syntax, places);
  const excess = places[MAX_CONDITIONS];
  if (excess) throw new QueryFault(`more than ${MAX_CONDITIONS} conditions in one definition`, excess);
  return { definition, places };
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

function bindChain(chain: Chain, conditions: Place[], operation?: Operation): Condition {
  const [head, next] = chain.calls;
  conditions.push(head.at);
  if (EVENT_HEADS.includes(head.name)) return bindEventCondition(chain, operation);
  switch (head.name) {
    case 'trait':
      return bindTrait(chain, operation);
    case 'first_time':
      refuseMore(head.name, undefined, operation);
      return bindFirstTime(chain);
    case 'audience':
      refuseMore(head.name, next, operation);
      return { kind: 'audience', key: onlyText(head) };
    case 'random':
      refuseMore(head.name, next, operation);
      return { kind: 'random', percent: bindRandom(head) };
    case 'property':
    case 'context':
      throw new QueryFault(`${head.name}(…) stands only inside where(…)`, head.at);
    default:
      throw unknown('function', head, HEADS, LATER_HEADS);
  }
}

/** Of a condition that is true or false by itself. */
function refuseMore(name: string, next: Chain['calls'][1] | undefined, operation?: Operation): void {
  if (next) throw new QueryFault(`nothing may follow ${name}(…)`, next.at);
  if (operation) throw new QueryFault(`${name}(…) is true or false: compare it with nothing`, operation.at);
}

function bindTrait({ calls: [head, ...rest] }: Chain, operation?: Operation): TraitCondition {
  return { kind: 'trait', name: onlyText(head), comparison: bindComparison(head, rest, operation) };
}
