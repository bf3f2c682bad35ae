import {
  TOPICS,
  type AssignmentMessage,
  type AudienceChangeMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import type { Town } from './town.js';

/** Follows what the platform publishes from now on; stops with the function that it answers. */
export async function observe(brokers: readonly string[], town: Town): Promise<() => Promise<void>> {
  const connection = new KafkaConnection({ brokers, clientId: 'tributary-demo' });
  const follow = (topic: { readonly name: string }, tell: (record: LogRecord) => void) =>
    new TopicFollower(connection, topic, tell, { fromEnd: true });
  const followers = [
    follow(TOPICS.assignments, ({ value }) => {
      if (value) town.assigned(read(value) as AssignmentMessage);
    }),
    follow(TOPICS.profiles, ({ value }) => {
      if (!value) return;
      const message = read(value) as ProfileMessage | MergedProfileMessage;
      if ('mergedInto' in message) town.merged(message);
      else town.profiled(message);
    }),
    follow(TOPICS.changes, ({ value, timestamp }) => {
      if (value) town.changed(read(value) as AudienceChangeMessage, timestamp);
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
