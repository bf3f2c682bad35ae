export { componentsOf, resolveAll, resolveSeen, type Occurrence, type Resolved } from './batch.js';
export { judgePartners, type EndRefusal } from './eligibility.js';
export { earliest, pairKey, pairOf, type Link, type Pair } from './link.js';
export type { CutFact, LinkFact, Message } from './messages.js';
export { Resolution, type LinkRefusal } from './resolution.js';
export { Resolver } from './resolver.js';
export { newResolverState, type Assignment, type ResolverState } from './resolver-state.js';
export {
  DEFAULT_RULES,
  IDENTITY_BOUNDS,
  IdentityRules,
  ruleFaults,
  ruleIn,
  type IdentityBounds,
  type NamespaceRule,
  type Normalisation,
  type RuleFault,
  type RulesDefinition,
} from './rules.js';
export { sightingsOf, type Sighting, type SightingsState } from './sightings.js';
