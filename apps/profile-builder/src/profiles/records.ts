import {
  groupIdOf,
  TOPICS,
  type FragmentMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { namespaceOf, scopedKey, toInstant, valueOf } from '@tributary/kernel';
import type { FoldedProfile, VersionedFact } from '@tributary/profiles';
import type { ComputedTraitsOf } from '../traits/answering-traits.js';

/** What is published of a profile, apart from its version and instant. */
export function toProfileBody(profile: FoldedProfile, computed: ComputedTraitsOf) {
  const truncated = computed.isTruncated ? [...profile.truncated, 'computed' as const] : profile.truncated;
  const present = Object.entries(profile.traits).filter(([, { value }]) => value !== null);
  return {
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: Object.fromEntries(
      present.flatMap(([name, { at, sourceId, messageId, isOfSeveral }]) =>
        isOfSeveral ? [] : [[name, { at: toInstant(at), sourceId, messageId }] as const],
      ),
    ),
    identifiers: profile.identifiers.map(({ id, first, last }) => ({
      namespace: namespaceOf(id),
      value: valueOf(id),
      firstSeenAt: toInstant(first),
      lastSeenAt: toInstant(last),
    })),
    computed: computed.values,
    firstSeenAt: toInstant(profile.firstSeen),
    lastSeenAt: toInstant(profile.lastSeen),
    eventCount: profile.eventCount,
    ...(profile.accounts.length > 0 && {
      groups: profile.accounts.map(({ id, since }) => ({ groupId: groupIdOf(id), since: toInstant(since) })),
    }),
    ...(truncated.length > 0 && { truncated: [...truncated].sort() }),
  };
}

export type ProfileBody =
  ReturnType<typeof toProfileBody> | { readonly mergedInto: string } | { readonly empty: true };

export function toProfileRecord(
  workspaceId: string,
  profileId: string,
  as: { readonly version: number; readonly at: number },
  body: ProfileBody,
): OutgoingRecord {
  const head: Head = { workspaceId, profileId, version: as.version, at: toInstant(as.at) };
  return {
    topic: TOPICS.profiles.name,
    key: scopedKey(workspaceId, profileId),
    value: JSON.stringify({ ...head, ...body }),
    headers: { schema: schemaOf(body) },
  };
}

export function toRemovalRecord(workspaceId: string, profileId: string): OutgoingRecord {
  return {
    topic: TOPICS.profiles.name,
    key: scopedKey(workspaceId, profileId),
    value: null,
    headers: { schema: 'profile@1' },
  };
}

function schemaOf(body: ProfileBody): string {
  if ('mergedInto' in body) return 'merged-profile@1';
  return 'empty' in body ? 'empty-profile@1' : 'profile@1';
}

/** Of a message, what is not in the body. */
type Head = Omit<ProfileMessage, keyof ReturnType<typeof toProfileBody>> &
  Omit<MergedProfileMessage, 'mergedInto'>;

/** A fragment's record with what is held of the facts, in the place of one that carries an older version. */
export function toHeldRecord(
  { partition, key, value }: LogRecord,
  facts: Readonly<Record<string, VersionedFact>>,
): OutgoingRecord {
  const older = JSON.parse(value?.toString('utf8') ?? '{}') as FragmentMessage;
  return {
    topic: TOPICS.fragments.name,
    partition,
    key,
    value: JSON.stringify({ ...older, facts }),
    headers: { schema: 'fragment@1' },
  };
}
