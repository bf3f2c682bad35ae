import { TOPICS, type TraitRuleMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** The rules by which traits are merged, by the names of the traits. */
export const TRAIT_RULES: DefinitionKind<TraitRuleMessage> = {
  name: 'trait-rule',
  topic: TOPICS.traitRules,
};

/** A rule in force, and the version of its definition. */
export type StoredTraitRule = Definition<TraitRuleMessage>;
