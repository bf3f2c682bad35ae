import {
  groupIdOf,
  messageOf,
  TOPICS,
  type AccountCallMessage,
  type AccountMessage,
  type AccountPersonMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey, toInstant } from '@tributary/kernel';
import type { AccountCall, AccountFacts } from '@tributary/profiles';
import type { ComputedTraitsOf } from '../traits/answering-traits.js';

/** What is published of an account, apart from what group calls say. */
export interface PublishedAccount {
  readonly version: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly people: number;
  readonly computed: ComputedTraitsOf;
  /** Whether computed traits are of a part of the people. */
  readonly isOfSome: boolean;
}

export function fromAccountCall(record: LogRecord): AccountCall {
  const {
    at,
    receivedAt,
    sequence = 0,
    messageId,
    sourceId,
    traits,
  } = messageOf(record) as AccountCallMessage;
  const times = { at: Date.parse(at), receivedAt: Date.parse(receivedAt), sequence };
  return { ...times, messageId, sourceId, traits };
}

export function fromAccountPerson(record: LogRecord) {
  const { profileId, version, since, aggregates } = messageOf(record) as AccountPersonMessage;
  return { profileId, version, since: since === undefined ? undefined : Date.parse(since), aggregates };
}

export function toAccountRecord(
  account: string,
  { traits, first, last, truncatedAt }: AccountFacts,
  { version, at, people, computed, isOfSome }: PublishedAccount,
): OutgoingRecord {
  const { workspaceId, id } = parseScopedKey(account);
  const present = traits.filter(([, { value }]) => value !== null);
  const truncated: AccountMessage['truncated'] = [
    ...(computed.isTruncated ? (['computed'] as const) : []),
    ...(isOfSome ? (['people'] as const) : []),
    ...(truncatedAt === undefined ? [] : (['traits'] as const)),
  ];
  const message: AccountMessage = {
    ...{ workspaceId, groupId: groupIdOf(id), version, at: toInstant(at) },
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    traitSources: Object.fromEntries(
      present.map(([name, trait]) => {
        const { sourceId, messageId } = trait;
        return [name, { at: toInstant(trait.at), sourceId, messageId }];
      }),
    ),
    computed: computed.values,
    peopleCount: people,
    firstSeenAt: toInstant(first),
    lastSeenAt: toInstant(last),
    ...(truncated.length > 0 && { truncated }),
  };
  return {
    topic: TOPICS.accounts.name,
    key: account,
    value: JSON.stringify(message),
    headers: { schema: 'account@1' },
  };
}
