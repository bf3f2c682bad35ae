/** Topics that other programs may subscribe to; the others are the services' own. */
export const PUBLIC_TOPICS = [
  'events.v1',
  'events.rejected.v1',
  'identity.assignments.v1',
  'profiles.v1',
  'accounts.v1',
  'audience.memberships.v1',
  'audience.changes.v1',
] as const;

const WORKSPACE = 'the workspace; programs that read a topic keep to their own';
const INSTANT_OF_VERSION = 'when the fact was made, by the clock of its writer';

/** What each field of the values of the public topics holds, by schema. */
export const FIELD_MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'event@1': {
    workspaceId: WORKSPACE,
    sourceId: 'the source whose write key came with the call',
    type: 'the kind of call',
    messageId:
      'the id that the library gave the call, or that the collector made; a repeated call has the same',
    deduplicationId:
      'what identifies the event in place of its messageId, where its source names a property for that',
    event: 'of track: the name',
    name: 'of page and screen: the name',
    userId: 'as it was sent',
    anonymousId: 'as it was sent',
    previousId: 'of alias: as it was sent',
    groupId: 'of group, and of others that name one: as it was sent',
    properties: "the customer's own object, of track, page and screen",
    traits: "the customer's own object, of identify and group",
    context: 'as it was sent, with what the collector found under `tributary`: flags and violations',
    timestamp:
      'when it happened, corrected where the clock of the sender is wrong by more than the tolerance',
    originalTimestamp: 'when it happened, by the clock of the sender',
    sentAt: 'when it was sent, by the clock of the sender',
    receivedAt: 'when the collector received it',
    sequence: 'its place among what one collector received in one millisecond; missing: 0',
    identifiers:
      'namespace:value of each identifier on the event; the first is the primary one, which is in the key',
  },
  'rejected@1': {
    workspaceId: WORKSPACE,
    sourceId: 'the source whose write key came with the request',
    receivedAt: 'when the collector received it',
    route: 'the path of the request',
    reasons: 'all that is wrong: a code of docs/errors.md, the path of the field, and what would be right',
    raw: 'the bytes as they came, base64',
    parsed: 'the call, where it is JSON',
    rawIs: 'what the bytes are: one call, or a whole request',
    index: 'which call of its request it was; absent: the request whole',
    sequence: 'its place among what one collector received in one millisecond; missing: 0',
    request: 'what the server knew of the call from its request',
  },
  'replayed@1': {
    workspaceId: WORKSPACE,
    sourceId: 'the source of the rejected record',
    rejected: 'which record of this topic was mended: its partition and offset',
    at: 'when it was sent again',
    accepted: 'how many of its calls were accepted',
  },
  'assignment@1': {
    workspaceId: WORKSPACE,
    identifier: 'namespace:value',
    profileId: 'the profile that the identifier belongs to as of this version',
    version: 'grows with every assignment of the identifier: keep the highest',
    reason: 'what put it there: linked, alone, a split, a change of the rules, or a bound',
    formerly: 'the profiles that it belonged to before',
    resolvedThrough: 'how far the identity log was read for this: a partition and its offset',
    at: INSTANT_OF_VERSION,
  },
  'erasure@1': {
    workspaceId: WORKSPACE,
    identifier: 'of whom nothing before this record counts any more: namespace:value',
    until: 'what was received then or before, and comes later, does not count either',
    requestId: 'the privacy request',
  },
  'profile@1': {
    workspaceId: WORKSPACE,
    profileId: 'follows from the workspace and the first identifier of the person',
    version:
      'grows with what is known of the person: keep the highest, and of one version the last in the log',
    at: 'the instant as of which computed traits are; of one version it grows',
    traits:
      'name → the latest value that was sent, or what the rule of the trait makes of those that were; what was sent as null is gone',
    traitSources:
      'name → where the value came from: the time of the event, its source and messageId; absent where it is made of several',
    identifiers: 'all identifiers of the person, with the times of their first and last events',
    computed:
      'key → value of each computed trait; a number with more digits than JSON’s numbers hold is a text. A key is absent where there is no value',
    firstSeenAt: 'the time of the first event',
    lastSeenAt: 'the time of the last event',
    eventCount: 'how many events count for the person',
    groups: 'the accounts that the person belongs to, and since when; absent where there are none',
  },
  'account@1': {
    workspaceId: WORKSPACE,
    groupId: 'as it was sent; the account is group_id: and this',
    version:
      'grows with what is known of the account: keep the highest, and of one version the last in the log',
    at: 'the instant as of which computed traits are; of one version it grows',
    traits: 'name → the latest value that a group call sent; what was sent as null is gone',
    traitSources: 'name → where the value came from: the time of the call, its source and messageId',
    computed:
      'key → value of each computed trait of accounts, over the events of its people; as of a profile',
    peopleCount: 'how many profiles belong to it',
    firstSeenAt: 'the time of the first group call that named it',
    lastSeenAt: 'the time of the last group call that named it',
  },
  'merged-profile@1': {
    workspaceId: WORKSPACE,
    profileId: 'the profile that is no more',
    version: 'as of a profile: keep the highest',
    at: INSTANT_OF_VERSION,
    mergedInto: 'the profile that has its identifiers now; it may have been merged since, too',
  },
  'empty-profile@1': {
    workspaceId: WORKSPACE,
    profileId: 'the profile of which nothing is known any more',
    version: 'as of a profile: keep the highest',
    at: INSTANT_OF_VERSION,
    empty: 'those whose events it showed are in other profiles now, as after a split',
  },
  'trait-rule@1': {
    merge: 'which value the trait has of those that were sent; null counts for latest alone',
  },
  'score-borders@1': {
    workspaceId: WORKSPACE,
    key: 'the score, a computed trait that ranks another',
    query: 'the score, in the normal form',
    rankedQuery: 'the trait that it ranks, in the normal form: to values of another they say nothing',
    borders:
      'for each score from 2 on, the least good value that has it or a better one; null where nobody has',
    people: 'how many people were ranked',
    computedAt: 'the instant as of which everybody was ranked',
  },
  'membership@1': {
    workspaceId: WORKSPACE,
    audienceKey: 'the audience',
    profileId: 'the profile',
    member: 'whether the profile is in the audience',
    since: 'when that became so; of one membership it never goes back',
    epoch: 'of its writer, as in the header: see the description of the topic',
    cause: 'what changed it: an event, time alone, a merge, a split, back-fill, or the definition',
    causedBy:
      'the messageId of the event that changed it; of an event that was counted by its deduplicationId, that',
    movedTo: 'of an exit by a merge: the profile that the person is in now',
    definitionHash: 'names the definition in force when this was written',
    identifiers: 'identifiers of the profile that were known then',
  },
  'epoch@1': {
    workspaceId: 'always @: an epoch record belongs to no workspace',
    claim: 'names the process that writes this partition from here on',
    at: 'when it took the partition over',
  },
  'told@1': {
    workspaceId: 'always @: it belongs to no workspace',
    epoch: 'of the last membership whose change is written',
    sequence: 'of the same',
    changesOffset: 'where audience.changes.v1 ended then, in this partition',
    changesSequence: 'of the last change, in the epoch of the header',
  },
  'audience-change@1': {
    workspaceId: WORKSPACE,
    id: 'names the change: partition, epoch and sequence of its membership’s record',
    audienceKey: 'the audience',
    profileId: 'the profile',
    change: 'entered or exited',
    at: 'when it became so, not when it was noticed; of one membership it never goes back',
    cause: 'what changed it: an event, time alone, a merge, a split, back-fill, or the definition',
    causedBy:
      'the messageId of the event that changed it; of an event that was counted by its deduplicationId, that',
    movedTo: 'of an exit by a merge: the profile that the person is in now',
    identifiers: 'identifiers of the profile that were known then',
  },
};
