import { validateEventHeaders, TOPICS } from '@tributary/contracts';
import type { ObservationsState } from '@tributary/identity';
import { ProcessorModule } from '@tributary/processing';
import type { IdentityConfig } from '../identity.config.js';
import { ObservationsProcessor } from './observations.processor.js';

/** events.v1 → identity.links.v1: which identifiers occurred together. */
export const ObservationsModule = ProcessorModule.register<IdentityConfig, ObservationsState>({
  name: 'identity-observations',
  groupId: 'identity-observations',
  inputs: [{ topic: TOPICS.events, validate: validateEventHeaders }],
  publishes: [TOPICS.links],
  changelog: TOPICS.observationsState,
  cacheBytes: (config) => config.IDENTITY_CACHE_BYTES,
  processor: () => (context) => new ObservationsProcessor(context),
});
