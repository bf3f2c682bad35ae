import { readDefinition } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** Audiences, by their keys. */
export const AUDIENCES: DefinitionKind<AudienceMessage> = {
  name: 'audience',
  topic: TOPICS.audiences,
  // An audience reads others, and computed traits.
  serial: 'audiences',
  faultOf: ({ definition }) => {
    const read = readDefinition(definition);
    return read.ok ? undefined : read.error.message;
  },
};

/** An audience in force, and the version of its definition. */
export type StoredAudience = Definition<AudienceMessage>;
