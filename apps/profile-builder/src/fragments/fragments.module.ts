import { STATE_READERS, validateAssignment, validateEvent, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { Truncated } from '@tributary/profiles';
import { Counter } from 'prom-client';
import { BackFill } from '../back-fill/back-fill.js';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { followAggregates, type AggregatesInForce } from './aggregates-in-force.js';
import { validateSeedOfKind } from './records.js';
import { FragmentsProcessor } from './fragments.processor.js';
import type { FragmentsState, SowsPartition } from './aggregates-life.js';

/** events.v1, identity.assignments.v1 and the definitions in force → profile.fragments.v1, profile.aggregates.v1 and account.facts.v1: what each identifier knows, published where it belongs. */
export const FRAGMENTS: ProcessorDeclaration<
  Pick<
    ProfileBuilderConfig,
    'PROFILE_BUILDER_CACHE_BYTES' | 'PROFILE_BUILDER_HOLD_MS' | 'PROFILE_BUILDER_SEEN_MS'
  >,
  FragmentsState,
  AggregatesInForce,
  SowsPartition
> = {
  name: 'fragments',
  groupId: STATE_READERS.fragments.groupId,
  inputs: [
    { topic: TOPICS.events, validate: validateEvent },
    { topic: TOPICS.assignments, validate: validateAssignment },
    { topic: TOPICS.seeds, validate: validateSeedOfKind },
  ],
  publishes: [TOPICS.fragments, TOPICS.aggregates, TOPICS.accountFacts],
  changelog: TOPICS.fragmentsState,
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  definitions: { name: 'aggregates-in-force', follow: followAggregates },
  beside: BackFill,
  processor: ({ config, logs, metrics, definitions, now, beside }) => {
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
      definitions: definitions.all,
      backFill: beside,
      onTruncated: (what: Truncated) => {
        truncated.inc({ what });
      },
    };
    return (context) => new FragmentsProcessor(context, options);
  },
};

export const FragmentsModule = ProcessorModule.register(FRAGMENTS);
