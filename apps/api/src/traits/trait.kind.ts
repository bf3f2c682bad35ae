import { parseTrait } from '@tributary/audiences';
import { TOPICS, type ScoreBordersMessage, type TraitMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** Computed traits, by their keys. */
export const TRAITS: DefinitionKind<TraitMessage> = {
  name: 'trait',
  topic: TOPICS.traits,
  // A score reads another trait, an audience reads traits and other audiences.
  serial: 'audiences',
  faultOf: ({ query }) => {
    const read = parseTrait(query);
    return read.ok ? undefined : read.error.message;
  },
};

/** The borders of scores, by the keys of these: the platform computes them, and nobody else changes them. */
export const SCORE_BORDERS: DefinitionKind<ScoreBordersMessage> = {
  name: 'score-borders',
  topic: TOPICS.scoreBorders,
};

/** A computed trait in force, and the version of its definition. */
export type StoredTrait = Definition<TraitMessage>;
