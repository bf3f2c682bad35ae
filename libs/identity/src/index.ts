export { resolveAll, type Occurrence } from './batch.js';
export type { LinkFact, Message } from './messages.js';
export { eligiblePartners, pairKey, pairOf, resolve, type Link, type Pair } from './resolve.js';
export { Resolver } from './resolver.js';
export { newResolverState, type Assignment, type ResolverState } from './resolver-state.js';
export { DEFAULT_RULES, MAX_IDENTIFIERS, type IdentityRules, type NamespaceRule } from './rules.js';
export { sightingsOf, type Sighting, type SightingsState } from './sightings.js';
