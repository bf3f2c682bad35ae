export { kafkaTuning, type KafkaTuning, type KafkaTuningSettings } from './client-settings.js';
export { KafkaConnection, type KafkaConnectionOptions, type KafkaLogger } from './connection.js';
export { groupAddresses } from './group-addresses.js';
export { GroupConsumer, type GroupConsumerOptions } from './group-consumer.js';
export type { CommitFailure } from './group-offsets.js';
export {
  isRecordRefused,
  KafkaUnreachableError,
  LostRangeError,
  PartitionMovedError,
  TopicLayoutError,
} from './kafka.errors.js';
export { kafkaCheck } from './kafka-check.js';
export {
  kafkaSecurity,
  kafkaSecurityIn,
  type KafkaSasl,
  type KafkaSecurity,
  type KafkaSecuritySettings,
} from './kafka.security.js';
export { KafkaBatchStrategy, type KafkaBatchStrategyOptions } from './kafka-batch.strategy.js';
export { FencedError } from './liveness.js';
export { readPartition, readRanges, type ReadRange } from './log-reader.js';
export { kafkaLogs, type Logs } from './logs.js';
export type { CommitOffsets, PartitionOwner } from './partition-owner.js';
export { BatchingProducer, type BatchingProducerOptions } from './producer.js';
export type { LogRecord, OutgoingRecord, PartitionBatch } from './records.js';
export { ensureTopics, groupOffsets, logBounds, type TopicLayout } from './topics.js';
export { TopicFollower, type TopicFollowerOptions } from './topic-follower.js';
export { yieldToEventLoop } from './event-loop.js';
export { StuckError, type Lag } from './watchdog.js';
