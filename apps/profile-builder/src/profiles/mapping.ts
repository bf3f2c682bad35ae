import {
  parseFragmentKey,
  TOPICS,
  type FragmentMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { namespaceOf, scopedKey, toInstant, valueOf } from '@tributary/kernel';
import type { FoldedProfile, ProfileFragments } from '@tributary/profiles';
import { applyFact } from '@tributary/profiles';

/** Where a fragment's record belongs: `workspaceId/profileId`, with its parts. */
export function addressOf(record: LogRecord) {
  const address = parseFragmentKey(record.key);
  return { ...address, profile: scopedKey(address.workspaceId, address.profileId) };
}

/** Takes a fragment's record into the profile; answers whether anything changed. */
export function applyRecord(fragments: ProfileFragments, record: LogRecord): boolean {
  const { identifier, fact } = parseFragmentKey(record.key);
  if (!record.value) return applyFact(fragments, identifier, fact, undefined);
  const { version, value } = JSON.parse(record.value.toString('utf8')) as FragmentMessage;
  return applyFact(fragments, identifier, fact, { version, value });
}

/** What is told of a profile, apart from its version and instant. */
export function toProfileBody(profile: FoldedProfile) {
  const present = Object.entries(profile.traits).filter(([, { value }]) => value !== null);
  return {
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: Object.fromEntries(
      present.map(([name, { at, sourceId, messageId }]) => [
        name,
        { at: toInstant(at), sourceId, messageId },
      ]),
    ),
    identifiers: profile.identifiers.map(({ id, first, last }) => ({
      namespace: namespaceOf(id),
      value: valueOf(id),
      firstSeenAt: toInstant(first),
      lastSeenAt: toInstant(last),
    })),
    computed: {},
    firstSeenAt: toInstant(profile.firstSeen),
    lastSeenAt: toInstant(profile.lastSeen),
    eventCount: profile.eventCount,
  };
}

export type ProfileBody = ReturnType<typeof toProfileBody> | { readonly mergedInto: string };

export function toProfileRecord(
  workspaceId: string,
  profileId: string,
  cause: LogRecord,
  body: ProfileBody,
): OutgoingRecord {
  const head = { workspaceId, profileId, version: cause.offset, at: toInstant(cause.timestamp) };
  const message: ProfileMessage | MergedProfileMessage = { ...head, ...body };
  return {
    topic: TOPICS.profiles.name,
    key: scopedKey(workspaceId, profileId),
    value: JSON.stringify(message),
    headers: { schema: 'mergedInto' in body ? 'merged-profile@1' : 'profile@1' },
  };
}
