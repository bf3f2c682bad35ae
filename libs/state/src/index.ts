export { KeyedState, type Entry } from './keyed-state.js';
export { PartitionStore, TakenOverError, type CheckpointMeta, type TableWriter } from './partition-store.js';
export { setAsideRecord, type RecordJudge, type SetAsideNews } from './set-aside.js';
export { Stage, type PartitionContext, type PartitionTask, type Phases, type StageOptions } from './stage.js';
export { StateFormatError, type StateFormat, type StateMigration } from './state-format.js';
export { StageGroup, type StageGroupOptions } from './stage-group.js';
