export {
  factsOf,
  foldEvent,
  isLater,
  newFragment,
  type FoldableEvent,
  type Fragment,
  type AggregateFact,
  type SeenFact,
  type TraitFact,
} from './fragment.js';
export {
  assign,
  isHeld,
  isOnlySeen,
  publish,
  type PlacedAssignment,
  type PlacedFragment,
  type PublishedFact,
} from './placement.js';
export {
  applyFact,
  attachedIdentifiers,
  compareVersions,
  foldProfile,
  aggregateFacts,
  mergedInto,
  traitFact,
  type FactVersion,
  type FoldedProfile,
  type AttachmentFact,
  type ProfileFragments,
} from './profile.js';
