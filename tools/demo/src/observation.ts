import {
  TOPICS,
  type AssignmentMessage,
  type AudienceChangeMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import type { Directory } from './directory.js';

/** Follows what the platform publishes from now on; stops with the function that it answers. */
export async function observe(
  brokers: readonly string[],
  directory: Directory,
): Promise<() => Promise<void>> {
  const connection = new KafkaConnection({ brokers, clientId: 'tributary-demo' });
  const follow = (topic: { readonly name: string }, tell: (record: LogRecord) => void) =>
    new TopicFollower(connection, topic, tell, { fromEnd: true });
  const followers = [
    follow(TOPICS.assignments, ({ value }) => {
      if (value) directory.assigned(read(value) as AssignmentMessage);
    }),
    follow(TOPICS.profiles, ({ value }) => {
      if (!value) return;
      const message = read(value) as ProfileMessage | MergedProfileMessage;
      if ('mergedInto' in message) directory.merged(message);
      else directory.profiled(message);
    }),
    follow(TOPICS.changes, ({ value, timestamp }) => {
      if (value) directory.changed(read(value) as AudienceChangeMessage, timestamp);
    }),
  ];
  await Promise.all(followers.map((follower) => follower.start()));
  return async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
  };
}

function read(value: Buffer): unknown {
  return JSON.parse(value.toString('utf8'));
}
