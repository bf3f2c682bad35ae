export { inOrder } from './key-order.js';
export { KeyedState, type Entry } from './keyed-state.js';
export { PartitionStore, TakenOverError, type CheckpointMeta } from './partition-store.js';
export type { TableWriter } from './staged-tables.js';
export { deadLetterRecord, type RecordValidator, type DeadLetterNews } from './dead-letter.js';
export { Processor } from './processor.js';
export type {
  PartitionContext,
  PartitionProcessor,
  Phases,
  ProcessorOptions,
  Reading,
  Schedule,
} from './processor-options.js';
export { StateFormatError, type StateFormat, type StateMigration } from './state-format.js';
export { UndeclaredTopicError } from './undeclared-topic.js';
export { ProcessorGroup, type ProcessorGroupOptions } from './processor-group.js';
export { Erasures, type ErasedState } from './erasures.js';
export { Timers } from './timers.js';
