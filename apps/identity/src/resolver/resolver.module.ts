import { validateLink, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import { Counter } from 'prom-client';
import { IdentityControl } from '../control/identity-control.js';
import type { IdentityConfig } from '../identity.config.js';
import { IDENTITY_STATE_FORMAT } from './state-format.js';
import { ResolverProcessor, type IdentityState } from './resolver.processor.js';

/** identity.links.v1, and the rules and splits in force → itself and identity.assignments.v1: who is one person. */
export const RESOLVER: ProcessorDeclaration<
  Pick<IdentityConfig, 'IDENTITY_CACHE_BYTES' | 'IDENTITY_REVIEWS_PER_SECOND' | 'KAFKA_PARTITIONS'>,
  IdentityState,
  IdentityControl
> = {
  name: 'identity-resolver',
  groupId: 'identity-resolver',
  inputs: [{ topic: TOPICS.links, validate: validateLink }],
  publishes: [TOPICS.links, TOPICS.assignments, TOPICS.partings],
  owns: [TOPICS.assignments],
  changelog: TOPICS.resolverState,
  format: IDENTITY_STATE_FORMAT,
  cacheBytes: (config) => config.IDENTITY_CACHE_BYTES,
  definitions: {
    name: 'identity-control',
    follow: (connection, onUnreadable, onFatal) => new IdentityControl(connection, onUnreadable, onFatal),
  },
  processor: ({ config, metrics, definitions, now }) => {
    const refused = new Counter({
      name: 'tributary_identity_links_refused_total',
      help: 'links that were refused, by the rule that refused them; a link may count again after a crash',
      labelNames: ['rule'],
      registers: [metrics],
    });
    const options = {
      control: definitions,
      partitions: config.KAFKA_PARTITIONS,
      reviewsPerSecond: config.IDENTITY_REVIEWS_PER_SECOND,
      now,
      onRefused: (rule: string) => {
        refused.inc({ rule });
      },
    };
    return (context) => new ResolverProcessor(context, options);
  },
};

export const ResolverModule = ProcessorModule.register(RESOLVER);
