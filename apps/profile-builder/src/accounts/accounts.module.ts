import { STATE_READERS, TOPICS, validateAccountFact } from '@tributary/contracts';
import { DefinitionsInForce, ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { readTrait, type ComputedInForce } from '../traits/traits-in-force.js';
import type { AccountsState } from './account-state.js';
import { AccountsProcessor } from './accounts.processor.js';

/** account.facts.v1 and the traits in force → accounts.v1: each account whole. */
export const ACCOUNTS: ProcessorDeclaration<
  Pick<
    ProfileBuilderConfig,
    'PROFILE_BUILDER_CACHE_BYTES' | 'PROFILE_BUILDER_GATHER_MS' | 'PROFILE_BUILDER_PUBLISH_MS'
  >,
  AccountsState,
  DefinitionsInForce<ComputedInForce>
> = {
  name: 'accounts',
  groupId: STATE_READERS.accounts.groupId,
  inputs: [{ topic: TOPICS.accountFacts, validate: validateAccountFact }],
  publishes: [TOPICS.accounts],
  owns: [TOPICS.accounts],
  changelog: TOPICS.accountsState,
  cacheBytes: (config) => config.PROFILE_BUILDER_CACHE_BYTES,
  definitions: {
    name: 'traits-of-accounts',
    follow: (connection, onUnreadable, onFatal) =>
      new DefinitionsInForce(connection, TOPICS.traits, readTrait, onUnreadable, onFatal),
  },
  processor:
    ({ config, now, definitions, logs }) =>
    (context) =>
      new AccountsProcessor(context, {
        rhythm: { gatherMs: config.PROFILE_BUILDER_GATHER_MS, everyMs: config.PROFILE_BUILDER_PUBLISH_MS },
        now,
        traits: definitions.all,
        logs,
        cacheBytes: config.PROFILE_BUILDER_CACHE_BYTES,
      }),
};

export const AccountsModule = ProcessorModule.register(ACCOUNTS);
