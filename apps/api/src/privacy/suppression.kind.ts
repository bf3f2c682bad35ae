import { TOPICS, type SuppressionMessage } from '@tributary/contracts';
import type { DefinitionKind } from '@tributary/control';

/** Of whom nothing is taken, by the digests of their identifiers. */
export const SUPPRESSIONS: DefinitionKind<SuppressionMessage> = {
  name: 'suppression',
  topic: TOPICS.suppressions,
};
