export { KeyedState, type Entry } from './keyed-state.js';
export { PartitionStore, TakenOverError, type CheckpointMeta, type TableWriter } from './partition-store.js';
export { Stage, type PartitionContext, type PartitionTask, type Phases, type StageOptions } from './stage.js';
export { StageGroup, type StageGroupOptions } from './stage-group.js';
