import type { Topic } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { readPartition, type CommitOffsets, type KafkaConnection } from '@tributary/kafka';

/** As Kafka's protocol numbers topics among what has settings. */
const TOPIC = 2 as never;

/** Deletes the records of a compacted topic's first partition up to an offset, as if they were too old. */
export async function dropRecords(connection: KafkaConnection, topic: string, end: number): Promise<void> {
  await connection.withAdmin(async (admin) => {
    // A broker deletes no records of a topic that is compacted only.
    const configEntries = [{ name: 'cleanup.policy', value: 'delete' }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: TOPIC, name: topic, configEntries }],
    });
  });
  // The broker hears of the setting a moment after it took it.
  await eventually(() =>
    connection.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(end) }] });
    }),
  );
}

/** Notes what is committed of an input. */
export function committing(input: string) {
  const committed: number[] = [];
  const commit: CommitOffsets = (offsets) => {
    committed.push(offsets.get(input) ?? -1);
    return Promise.resolve();
  };
  return { committed, commit };
}

/** What compaction would keep of a key in the first partition. */
export async function lastRecordOf(
  connection: KafkaConnection,
  { name }: Topic,
  key: string,
): Promise<unknown> {
  let last: unknown;
  await readPartition(connection, { topic: name, partition: 0, from: 0 }, (record) => {
    if (record.key === key) last = JSON.parse(record.value?.toString('utf8') ?? 'null');
  });
  return last;
}
