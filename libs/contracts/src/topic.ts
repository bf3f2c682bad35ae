import type { TSchema } from 'typebox';

/** One Kafka topic as every service sees it. */
export interface Topic<S extends TSchema = TSchema> {
  readonly name: string;
  readonly summary: string;
  /** What a reader does beside keeping the highest version of a key. */
  readonly reading?: string;
  /** Whether owners tell in it under epochs: its readers keep to the rule of `EpochReader`. */
  readonly epochs?: true;
  /** `name@major` to the schema of the values that carry it in the header `schema`; the first is the usual one. */
  readonly schemas: Readonly<Record<string, S>>;
  readonly key: string;
  /** What decides the partition; the key, unless said. */
  readonly partitionedBy: string;
  readonly headers: readonly string[];
  /** Data topics have the generation's partition count; control topics have one partition. */
  readonly partitions: 'data' | 'one';
  /** `lagMs`: no record is compacted within so long; a day unless given. */
  readonly cleanup:
    | { readonly compact: true; readonly lagMs?: number }
    | { readonly compact: false; readonly retentionMs: number };
  readonly writer: string;
  /** Where a record may be larger than Kafka lets it be by itself: what is known of very many links. */
  readonly maxMessageBytes?: number;
}

/** The retention of the event log and of the messages that are made from it, unless set otherwise. */
export const DAY_MS = 86_400_000;

/** Kafka's settings of a topic: acks from all in-sync replicas, and no record compacted within a day, unless `lagMs` says longer. */
export function topicSettings(topic: Topic, retentionMs?: number): Readonly<Record<string, string>> {
  const { cleanup, maxMessageBytes } = topic;
  const size = maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) };
  if (!cleanup.compact) {
    return {
      ...size,
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs ?? cleanup.retentionMs),
    };
  }
  return {
    ...size,
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(cleanup.lagMs ?? DAY_MS),
    'delete.retention.ms': String(7 * DAY_MS),
  };
}
