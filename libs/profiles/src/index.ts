export { accountNamedBy } from './account-name.js';
export { foldAccountCall, type AccountCall, type AccountFacts, type AccountTrait } from './account.js';
export { BOUNDS, fitting, identifierBytes, traitBytes, type Truncated } from './bounds.js';
export {
  foldEvent,
  hasRoomFor,
  isLater,
  newFragment,
  type FoldableEvent,
  type Fragment,
  type AccountOfFragment,
  type AggregateFact,
  type SeenFact,
  type TraitFact,
} from './fragment.js';
export {
  addUnpublished,
  assign,
  canWait,
  emptied,
  forget,
  isHeld,
  publish,
  removed,
  type PlacedAssignment,
  type PlacedFragment,
  type PublishedGroup,
} from './placement.js';
export {
  accountsOf,
  applyFact,
  attachedIdentifiers,
  compareVersions,
  foldProfile,
  aggregateFacts,
  hasPast,
  isForgotten,
  mergedInto,
  saidOfFacts,
  traitFact,
  type AccountOfProfile,
  type FactVersion,
  type FoldedProfile,
  type AttachmentFact,
  type ProfileFragments,
  type ProfileTrait,
  type RuledTrait,
  type VersionedFact,
} from './profile.js';
