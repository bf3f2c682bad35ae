import { TOPICS, type SuppressionMessage } from '@tributary/contracts';
import type { DefinitionKind } from '@tributary/control';

/** Suppressed identifiers, by their digests: the collector drops their events. */
export const SUPPRESSIONS: DefinitionKind<SuppressionMessage> = {
  name: 'suppression',
  topic: TOPICS.suppressions,
};
