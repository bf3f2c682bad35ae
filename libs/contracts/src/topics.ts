import {
  AudienceChangeMessage,
  AudienceMessage,
  EpochMessage,
  MembershipMessage,
  ScoreBordersMessage,
  ToldMessage,
  TraitMessage,
  TraitRuleMessage,
} from './messages/audience.js';
import {
  AccountCallMessage,
  AccountMessage,
  AccountPersonMessage,
  AccountsToldMessage,
} from './messages/account.js';
import { ActiveAggregateMessage, SeededMessage, SeedMessage } from './messages/aggregate.js';
import { EventMessage } from './messages/event.js';
import { AssignmentMessage, LinkMessage, PartingMessage } from './messages/identity.js';
import { SplitMessage, IdentityRulesMessage, RulesCopyMessage } from './messages/identity-control.js';
import {
  EmptyProfileMessage,
  FragmentMessage,
  MergedProfileMessage,
  ProfileMessage,
} from './messages/profile.js';
import { ErasureMessage, SuppressionMessage } from './messages/privacy.js';
import { RejectedMessage, ReplayedMessage } from './messages/rejected.js';
import { DeadLetterMessage } from './messages/dead-letter.js';
import { SourceMessage } from './messages/source.js';
import { WorkspaceMessage } from './messages/workspace.js';
import { stateTopic } from './state-topic.js';
import { DAY_MS, type Topic } from './topic.js';

const compact = { compact: true } as const;
const kept = (days: number) => ({ compact: false, retentionMs: days * DAY_MS }) as const;
/** What one fragment may take. */
const large = { maxMessageBytes: 16 * 1024 * 1024 } as const;
const schemaHeader = ['schema'] as const;
const byKey = { partitionedBy: 'key', partitions: 'data' } as const;
/** The version counts the changes of a definition; of two records of a key the higher one holds. */
const definitionHeaders = ['schema', 'version'] as const;
/** Topics of definitions, which the api writes. */
const ofDefinitions = {
  partitionedBy: 'key',
  headers: definitionHeaders,
  partitions: 'one',
  cleanup: compact,
  writer: 'api',
} as const;
const CHANGES_KEPT_MS = 7 * DAY_MS;
/** The rule of {@link EpochReader}, in words. */
const EPOCHS =
  'Headers say the epoch of the owner that wrote a record, and its running number in it, the sequence. Keep, of each partition, the highest epoch and in it the highest sequence, and drop what is not higher: a former owner wrote it, or a request was sent again. A record whose key begins with @epoch/ or @told/ tells nothing: take its epoch, if it has one, as one whose sequence is 0, and skip it.';

/** Every topic, declared once. */
export const TOPICS = {
  events: {
    name: 'events.v1',
    summary:
      'Every accepted call, the truth that all else is folded from; and which of them are to be forgotten.',
    reading:
      'A record whose schema is erasure@1 is no call: whoever keeps something of the events of its key that lie before it forgets that, and passes over those behind it that were received at its instant or before.',
    schemas: { 'event@1': EventMessage, 'erasure@1': ErasureMessage },
    key: 'workspaceId/primary identifier',
    partitionedBy: 'key',
    headers: ['schema', 'messageId', 'deduplicationId', 'type', 'receivedAt', 'identifiers', 'until'],
    partitions: 'data',
    cleanup: kept(7),
    writer: 'collector; of erasures, api',
  },
  rejected: {
    name: 'events.rejected.v1',
    summary:
      'What was sent and not accepted, with its bytes and the reasons; and which of it was mended since.',
    schemas: { 'rejected@1': RejectedMessage, 'replayed@1': ReplayedMessage },
    key: 'workspaceId/sourceId',
    ...byKey,
    headers: schemaHeader,
    cleanup: kept(30),
    writer: 'collector',
  },
  links: {
    name: 'identity.links.v1',
    summary:
      "The messages between identity's partitions, all that a step says to one identifier in one record: private to it, readable by all.",
    schemas: { 'link@1': LinkMessage, 'rules-copy@1': RulesCopyMessage },
    key: 'workspaceId/identifier it is addressed to; workspaceId/@rules',
    partitionedBy: 'key (rules: every partition)',
    headers: ['schema', 'kind', 'said'],
    partitions: 'data',
    cleanup: kept(7),
    writer: 'identity',
  },
  partings: {
    name: 'identity.partings.v1',
    summary:
      'That partners of an identifier were erased: what is said of both is to be said anew. Private to identity.',
    schemas: { 'parting@1': PartingMessage },
    key: 'workspaceId/identifier',
    ...byKey,
    headers: schemaHeader,
    cleanup: kept(7),
    writer: 'identity',
  },
  assignments: {
    name: 'identity.assignments.v1',
    summary:
      'Whose an identifier is: its profile, as of a version. An identifier without one is a profile of its own.',
    schemas: { 'assignment@1': AssignmentMessage },
    key: 'workspaceId/identifier',
    ...byKey,
    headers: schemaHeader,
    cleanup: compact,
    writer: 'identity',
  },
  fragments: {
    name: 'profile.fragments.v1',
    summary:
      'What the events of each identifier say, a group of facts a record, for the profile that the identifier is attached to.',
    schemas: { 'fragment@1': FragmentMessage },
    key: 'workspaceId/profileId·identifier·group',
    partitionedBy: 'workspaceId/profileId',
    headers: schemaHeader,
    partitions: 'data',
    cleanup: compact,
    writer: 'profile-builder',
  },
  aggregates: {
    name: 'profile.aggregates.v1',
    summary: 'Which aggregates are folded, and from which offset of each partition of events.v1 on.',
    schemas: { 'active-aggregate@1': ActiveAggregateMessage },
    key: 'workspaceId/aggregate/partition',
    partitionedBy: 'partition of events.v1',
    headers: schemaHeader,
    partitions: 'data',
    cleanup: compact,
    writer: 'profile-builder',
  },
  seeds: {
    name: 'profile.seeds.v1',
    summary:
      'What the events of each identifier before an activation come to, for the aggregate that was activated; and that all seeds of a partition are in.',
    schemas: { 'seed@1': SeedMessage, 'seeded@1': SeededMessage },
    key: 'workspaceId/identifier; workspaceId/@seeded/aggregate/partition',
    partitionedBy: 'key (that seeds are in: each partition)',
    headers: schemaHeader,
    partitions: 'data',
    cleanup: kept(7),
    writer: 'profile-builder',
  },
  profiles: {
    name: 'profiles.v1',
    summary: 'Each profile whole, or where it was merged into.',
    schemas: {
      'profile@1': ProfileMessage,
      'merged-profile@1': MergedProfileMessage,
      'empty-profile@1': EmptyProfileMessage,
    },
    key: 'workspaceId/profileId',
    ...byKey,
    headers: schemaHeader,
    cleanup: compact,
    writer: 'profile-builder',
  },
  accountFacts: {
    name: 'account.facts.v1',
    summary:
      'What is said of each account: by its group calls, and by the profiles that belong to it; and which aggregates are told.',
    schemas: {
      'account-call@1': AccountCallMessage,
      'account-person@1': AccountPersonMessage,
      'accounts-told@1': AccountsToldMessage,
    },
    key: 'workspaceId/group_id:groupId; workspaceId/@told/partition',
    partitionedBy: 'key (which aggregates are told: every partition)',
    headers: schemaHeader,
    partitions: 'data',
    cleanup: kept(7),
    writer: 'profile-builder',
    ...large,
  },
  accounts: {
    name: 'accounts.v1',
    summary: 'Each account whole: its traits, computed traits, and how many people belong to it.',
    schemas: { 'account@1': AccountMessage },
    key: 'workspaceId/group_id:groupId',
    ...byKey,
    headers: schemaHeader,
    cleanup: compact,
    writer: 'profile-builder',
  },
  memberships: {
    name: 'audience.memberships.v1',
    summary:
      'Who is in which audience, since when and why; and what owners say of the partition, keys that begin with @epoch/ or @told/.',
    reading: `${EPOCHS} A record without a sequence repeats what was told before: no news, but the state of its key. Of what is left, the last record of a key counts. A null value removes a key.`,
    schemas: { 'membership@1': MembershipMessage, 'epoch@1': EpochMessage, 'told@1': ToldMessage },
    key: 'workspaceId/audienceKey·profileId',
    partitionedBy: 'workspaceId/profileId',
    epochs: true,
    headers: ['schema', 'epoch', 'sequence'],
    partitions: 'data',
    // As long as the changes, for who tells those of a step that was cut off reads its memberships, each of them.
    cleanup: { compact: true, lagMs: CHANGES_KEPT_MS },
    writer: 'segmentation',
  },
  changes: {
    name: 'audience.changes.v1',
    summary: 'Each entry into and exit from an audience, once for each id.',
    reading: `${EPOCHS} What is left has each change once. The changes of one profile are in one partition, in order; the changes of one membership alternate between entered and exited. Keep the epoch and the sequence beside your offset: who begins in the middle does not know them.`,
    schemas: { 'audience-change@1': AudienceChangeMessage, 'epoch@1': EpochMessage },
    key: 'workspaceId/profileId',
    partitionedBy: 'key',
    epochs: true,
    headers: ['schema', 'epoch', 'sequence'],
    partitions: 'data',
    cleanup: { compact: false, retentionMs: CHANGES_KEPT_MS },
    writer: 'segmentation',
  },
  deadLetters: {
    name: 'dead-letters.v1',
    summary:
      'Records that a processor could not read, with their places and bytes: the partition went on without them.',
    schemas: { 'dead-letter@1': DeadLetterMessage },
    key: 'processor/topic/partition/offset (a replay writes the same key and value again)',
    ...byKey,
    headers: schemaHeader,
    cleanup: kept(30),
    writer: 'the processors',
  },
  observationsState: stateTopic('state.identity-observations.v1', 'events.v1 as identity folded it'),
  resolverState: stateTopic('state.identity-resolver.v1', 'identity.links.v1 as identity folded it'),
  fragmentsState: {
    ...stateTopic('state.fragments.v1', 'events and assignments as profile-builder folded them'),
    ...large,
  },
  accountsState: {
    ...stateTopic('state.accounts.v1', 'what is said of accounts as profile-builder folded it'),
    ...large,
  },
  workspaces: {
    name: 'control.workspaces.v1',
    summary: 'The workspaces beside the one of the settings, and what each may use.',
    schemas: { 'workspace@1': WorkspaceMessage },
    key: 'workspaceId of the installation/id',
    ...ofDefinitions,
  },
  sources: {
    name: 'control.sources.v1',
    summary: 'Where events come from, and the write keys that say so.',
    schemas: { 'source@1': SourceMessage },
    key: 'workspaceId/id',
    ...ofDefinitions,
  },
  identityRules: {
    name: 'control.identity-rules.v1',
    summary: 'Who may be one person: the rules in force; the built-in ones where there is no record.',
    schemas: { 'identity-rules@1': IdentityRulesMessage },
    key: 'workspaceId/rules',
    ...ofDefinitions,
  },
  splits: {
    name: 'control.splits.v1',
    summary: 'Pairs of identifiers that are kept apart, or were.',
    schemas: { 'split@1': SplitMessage },
    key: 'workspaceId/[a,b] in the order of their text',
    ...ofDefinitions,
  },
  suppressions: {
    name: 'control.suppressions.v1',
    summary: 'Identifiers, by their digests, of which the collector takes no event any more.',
    schemas: { 'suppression@1': SuppressionMessage },
    key: 'workspaceId/digest of the identifier',
    ...ofDefinitions,
  },
  audiences: {
    name: 'control.audiences.v1',
    summary: 'The audiences in force.',
    schemas: { 'audience@1': AudienceMessage },
    key: 'workspaceId/key',
    ...ofDefinitions,
  },
  traits: {
    name: 'control.traits.v1',
    summary: 'The computed traits in force.',
    schemas: { 'trait@1': TraitMessage },
    key: 'workspaceId/key',
    ...ofDefinitions,
  },
  traitRules: {
    name: 'control.trait-rules.v1',
    summary: 'How traits that customers send are merged, where that is not by the latest.',
    schemas: { 'trait-rule@1': TraitRuleMessage },
    key: 'workspaceId/name',
    ...ofDefinitions,
  },
  scoreBorders: {
    name: 'control.score-borders.v1',
    summary:
      'Between which values the scores of people change: of each score that ranks a computed trait, the latest.',
    schemas: { 'score-borders@1': ScoreBordersMessage },
    key: 'workspaceId/key of the score',
    ...ofDefinitions,
  },
} as const satisfies Record<string, Topic>;

export const ALL_TOPICS: readonly Topic[] = Object.values(TOPICS);
