export {
  factsOf,
  foldEvent,
  isLater,
  newFragment,
  type FoldableEvent,
  type Fragment,
  type LeafFact,
  type SeenFact,
  type TraitFact,
} from './fragment.js';
export {
  assign,
  isHeld,
  publish,
  type PlacedAssignment,
  type PlacedFragment,
  type ToldFact,
} from './placement.js';
export {
  applyFact,
  atHome,
  compareVersions,
  foldProfile,
  leafFacts,
  mergedInto,
  traitFact,
  type FactVersion,
  type FoldedProfile,
  type HomeFact,
  type ProfileFragments,
} from './profile.js';
