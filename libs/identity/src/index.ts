export { assign } from './assignment.js';
export { resolveAll, resolveEligible, resolveSeen, type Occurrence } from './batch.js';
export { Components } from './components.js';
export { eligibilityOfPartners, type EndRefusal } from './eligibility.js';
export { bytesOf, earliest, pairKey, pairOf, type Link, type Pair } from './link.js';
export type { Eligibility, LinkFact, Message, Received } from './messages.js';
export { Resolution, type LinkRefusal } from './resolution.js';
export { Resolver } from './resolver.js';
export {
  isNothing,
  newResolverState,
  type Assignment,
  type Begun,
  type ResolverState,
} from './resolver-state.js';
export {
  DEFAULT_RULES,
  IDENTITY_BOUNDS,
  IdentityRules,
  ruleFaults,
  ruleIn,
  type IdentityBounds,
  type NamespaceRule,
  type RuleFault,
  type RulesDefinition,
} from './rules.js';
export {
  forgetMarked,
  markOf,
  observationsOf,
  type Observation,
  type ObservationsState,
  type Observed,
  type Seen,
} from './observations.js';
