export { BOUNDS, fitting, identifierBytes, traitBytes, type Truncated } from './bounds.js';
export {
  foldEvent,
  hasRoomFor,
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
  canWait,
  isHeld,
  publish,
  type PlacedAssignment,
  type PlacedFragment,
  type PublishedGroup,
} from './placement.js';
export {
  applyFact,
  attachedIdentifiers,
  compareVersions,
  foldProfile,
  aggregateFacts,
  hasPast,
  mergedInto,
  saidOfFacts,
  traitFact,
  type FactVersion,
  type FoldedProfile,
  type AttachmentFact,
  type ProfileFragments,
  type VersionedFact,
} from './profile.js';
