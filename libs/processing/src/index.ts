export { ClickHouseModule, type ClickHouseModuleOptions } from './clickhouse.module.js';
export { KafkaModule, type KafkaModuleOptions } from './kafka.module.js';
export {
  ProcessorModule,
  type Definitions,
  type FollowDefinitions,
  type ProcessorDeclaration,
  type ProcessorInput,
  type ProcessorSetup,
} from './processor.module.js';
export { SinksModule, type SinksDeclaration } from './sinks.module.js';
