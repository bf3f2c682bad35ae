import { TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import type { OwnPlatform } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import type { KafkaLog } from '../src/log/kafka.log.js';
import { verifyInstallation } from '../src/verify.js';
import { InMemoryLog } from './in-memory.log.js';
import { parsed } from './planted.fixture.js';

/** Ranks people by what they spent, 140 each: nobody spent less than anybody. */
export async function scored(client: OwnPlatform['client']): Promise<void> {
  await client.putTrait('score', "trait('spent').score(2)");
  const scores = async () => {
    const profiles = await Promise.all([1, 2, 3, 4, 5].map((n) => client.profile(`user_id:u${n}`)));
    return profiles.map((profile) => profile.computed.score);
  };
  await eventually(scores, {
    until: (all) => all.join() === '1,1,1,1,1',
    withinMs: 60_000,
    what: 'the scores of everybody',
  });
}

/**
 * The topics, once so many have left by the passing of time. They are copied anew then: a copy has its topics one after the
 * other, and one that is made meanwhile may have a change without its membership.
 */
export async function exits(log: KafkaLog, count: number): Promise<InMemoryLog> {
  await eventually(() => InMemoryLog.copyOf(log), {
    until: (copy) =>
      copy
        .records(TOPICS.changes.name)
        .map((record) => parsed(record) as AudienceChangeMessage)
        .filter(({ audienceKey, cause }) => audienceKey === 'spenders' && cause === 'time').length === count,
    withinMs: 60_000,
    what: `${count} exits by time`,
  });
  return InMemoryLog.copyOf(log);
}

/** The numbers of the people about whom identity is wrong. */
export async function identityOf(log: InMemoryLog) {
  const { differences, applied } = await verifyInstallation({ log }, { only: 'identity', settleMs: 0 });
  return { wrong: [...new Set(differences.map(({ key }) => key.slice(-1)))].sort(), applied };
}

/** What differs, without the keys and events of it. */
export async function differencesOf(log: InMemoryLog) {
  const { differences } = await verifyInstallation({ log }, { settleMs: 0, keep: 1_000 });
  return differences.map(({ subject, where, expected, found }) => ({ subject, where, expected, found }));
}
