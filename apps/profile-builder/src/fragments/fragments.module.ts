import { validateAssignment, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { Truncated } from '@tributary/profiles';
import { Counter } from 'prom-client';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { validateEventOrAggregate } from './records.js';
import { FragmentsProcessor, type FragmentsState } from './fragments.processor.js';

/** events.v1 and identity.assignments.v1 → profile.fragments.v1: what each identifier knows, published where it belongs. */
export const FRAGMENTS: ProcessorDeclaration<
  Pick<
    ProfileBuilderConfig,
    'PROFILE_BUILDER_CACHE_BYTES' | 'PROFILE_BUILDER_HOLD_MS' | 'PROFILE_BUILDER_SEEN_MS'
  >,
  FragmentsState
> = {
  name: 'fragments',
  groupId: 'profile-builder-fragments',
  inputs: [
    { topic: TOPICS.events, validate: validateEventOrAggregate },
    { topic: TOPICS.assignments, validate: validateAssignment },
  ],
  publishes: [TOPICS.fragments],
  changelog: TOPICS.fragmentsState,
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  processor: ({ config, logs, metrics, now }) => {
    const truncated = new Counter({
      name: 'tributary_profile_builder_truncated_total',
      help: 'identifiers that have more traits or others beside them than is kept, by what; one may count again after a crash',
      labelNames: ['what'],
      registers: [metrics],
    });
    const options = {
      holdMs: config.PROFILE_BUILDER_HOLD_MS,
      everyMs: config.PROFILE_BUILDER_SEEN_MS,
      now,
      logs,
      onTruncated: (what: Truncated) => {
        truncated.inc({ what });
      },
    };
    return (context) => new FragmentsProcessor(context, options);
  },
};

export const FragmentsModule = ProcessorModule.register(FRAGMENTS);
