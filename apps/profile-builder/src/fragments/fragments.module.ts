import { validateAssignment, validateEvent, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { followAggregates, type AggregatesInForce } from './aggregates-in-force.js';
import { validateSeedOfKind } from './records.js';
import { FragmentsProcessor, type FragmentsState } from './fragments.processor.js';

/** events.v1, identity.assignments.v1 and the definitions in force → profile.fragments.v1 and profile.aggregates.v1: what each identifier knows, published where it belongs. */
export const FRAGMENTS: ProcessorDeclaration<
  Pick<
    ProfileBuilderConfig,
    'PROFILE_BUILDER_CACHE_BYTES' | 'PROFILE_BUILDER_HOLD_MS' | 'PROFILE_BUILDER_SEEN_MS'
  >,
  FragmentsState,
  AggregatesInForce
> = {
  name: 'fragments',
  groupId: 'profile-builder-fragments',
  inputs: [
    { topic: TOPICS.events, validate: validateEvent },
    { topic: TOPICS.assignments, validate: validateAssignment },
    { topic: TOPICS.seeds, validate: validateSeedOfKind },
  ],
  publishes: [TOPICS.fragments, TOPICS.aggregates],
  changelog: TOPICS.fragmentsState,
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  definitions: { name: 'aggregates-in-force', follow: followAggregates },
  processor:
    ({ config, logs, definitions, now }) =>
    (context) =>
      new FragmentsProcessor(context, {
        holdMs: config.PROFILE_BUILDER_HOLD_MS,
        everyMs: config.PROFILE_BUILDER_SEEN_MS,
        now,
        logs,
        definitions: definitions.all,
      }),
};

export const FragmentsModule = ProcessorModule.register(FRAGMENTS);
