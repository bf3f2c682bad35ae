export { ClickHouseModule, type ClickHouseModuleOptions } from './clickhouse.module.js';
export { KafkaModule, type KafkaModuleOptions } from './kafka.module.js';
export type {
  Definitions,
  FollowDefinitions,
  ProcessorDeclaration,
  ProcessorInput,
  ProcessorSetup,
} from './processor-declaration.js';
export { ProcessorModule } from './processor.module.js';
export { SinksModule, type SinksDeclaration } from './sinks.module.js';
