import { parseComputedTrait } from '@tributary/audiences';
import { TOPICS, type TraitMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** Computed traits, by their keys. */
export const TRAITS: DefinitionKind<TraitMessage> = {
  name: 'trait',
  topic: TOPICS.traits,
  faultOf: ({ query }) => {
    const read = parseComputedTrait(query);
    return read.ok ? undefined : read.error.message;
  },
};

/** A computed trait in force, and the version of its definition. */
export type StoredTrait = Definition<TraitMessage>;
