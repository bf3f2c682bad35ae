import { TOPICS } from '@tributary/contracts';
import { followTopic, messageOf } from '@tributary/harness';
import { KafkaConnection, type LogRecord, kafkaSecurityIn } from '@tributary/kafka';
import type { Directory } from './directory.js';

/** Follows what the platform publishes from now on, until the stack is undone. */
export async function observe(
  stack: AsyncDisposableStack,
  brokers: readonly string[],
  directory: Directory,
): Promise<void> {
  const connection = new KafkaConnection({
    brokers,
    clientId: 'tributary-demo',
    security: kafkaSecurityIn(process.env),
  });
  const onRecord = (record: LogRecord) => {
    const assignment = messageOf(TOPICS.assignments, 'assignment@1', record);
    if (assignment) directory.assigned(assignment);
    const merged = messageOf(TOPICS.profiles, 'merged-profile@1', record);
    if (merged) directory.merged(merged);
    const empty = messageOf(TOPICS.profiles, 'empty-profile@1', record);
    if (empty) directory.emptied(empty);
    const profile = messageOf(TOPICS.profiles, 'profile@1', record);
    if (profile) directory.profiled(profile);
    const change = messageOf(TOPICS.changes, 'audience-change@1', record);
    if (change) directory.changed(change, record.timestamp);
  };
  const topics = [TOPICS.assignments, TOPICS.profiles, TOPICS.changes];
  await Promise.all(topics.map((topic) => followTopic(stack, connection, topic, { from: 'now', onRecord })));
}
