import { validateEventHeaders, validateParting, TOPICS } from '@tributary/contracts';
import type { ObservationsState } from '@tributary/identity';
import type { ErasedState } from '@tributary/state';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { IdentityConfig } from '../identity.config.js';
import { ObservationsProcessor } from './observations.processor.js';

/** events.v1, and who was erased → identity.links.v1: which identifiers occurred together. */
export const OBSERVATIONS: ProcessorDeclaration<
  Pick<IdentityConfig, 'IDENTITY_CACHE_BYTES'>,
  ObservationsState | ErasedState
> = {
  name: 'identity-observations',
  groupId: 'identity-observations',
  inputs: [
    { topic: TOPICS.events, validate: validateEventHeaders },
    { topic: TOPICS.partings, validate: validateParting },
  ],
  publishes: [TOPICS.links],
  changelog: TOPICS.observationsState,
  cacheBytes: (config) => config.IDENTITY_CACHE_BYTES,
  processor:
    ({ config, now }) =>
    (context) =>
      new ObservationsProcessor(context, config.IDENTITY_CACHE_BYTES, now),
};

export const ObservationsModule = ProcessorModule.register(OBSERVATIONS);
