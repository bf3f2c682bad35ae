export { ClickHouseModule, type ClickHouseModuleOptions } from './clickhouse.module.js';
export { DefinitionsInForce, type ReadDefinition } from './definitions-in-force.js';
export {
  AggregateProgress,
  KnownAggregates,
  type KnownProgress,
  type KnownReader,
  type ReadAggregate,
} from './known-aggregates.js';
export { KnownHere, type Awaited, type KnownFrom } from './known-here.js';
export { KafkaModule, type KafkaModuleOptions } from './kafka.module.js';
export {
  toProcessorOptions,
  type Definitions,
  type FollowDefinitions,
  type ProcessorDeclaration,
  type ProcessorInput,
  type ProcessorSetup,
} from './processor-declaration.js';
export { CACHE_BYTES, healthPort } from './processor-settings.js';
export { ProcessorModule, readsOf, type ProcessorReads } from './processor.module.js';
export { SinksModule, type SinksDeclaration } from './sinks.module.js';
