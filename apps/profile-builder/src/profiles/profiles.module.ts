import { STATE_READERS, validateFragment, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { followTraits, type TraitsInForce } from '../traits/traits-in-force.js';
import { ProfilesProcessor, type ProfilesState } from './profiles.processor.js';

/**
 * profile.fragments.v1 → profiles.v1, each profile whole; and account.facts.v1, what it means for its accounts. The compacted fragments are this processor's changelog; it
 * writes one again where an older record of it came later.
 */
export const PROFILES: ProcessorDeclaration<
  Pick<
    ProfileBuilderConfig,
    'PROFILE_BUILDER_CACHE_BYTES' | 'PROFILE_BUILDER_GATHER_MS' | 'PROFILE_BUILDER_PUBLISH_MS'
  >,
  ProfilesState,
  TraitsInForce
> = {
  name: 'profiles',
  groupId: STATE_READERS.profiles.groupId,
  inputs: [{ topic: TOPICS.fragments, validate: validateFragment }],
  publishes: [TOPICS.profiles, TOPICS.fragments, TOPICS.accountFacts],
  owns: [TOPICS.profiles],
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  definitions: { name: 'traits-in-force', follow: followTraits },
  processor:
    ({ config, now, definitions, logs }) =>
    (context) =>
      new ProfilesProcessor(context, {
        rhythm: { gatherMs: config.PROFILE_BUILDER_GATHER_MS, everyMs: config.PROFILE_BUILDER_PUBLISH_MS },
        now,
        traits: definitions.all,
        borders: definitions.borders,
        known: definitions.known,
        logs,
      }),
};

export const ProfilesModule = ProcessorModule.register(PROFILES);
