import { Module } from '@nestjs/common';
import { ControlPlane, Database, Secrets, secretKeys, type ControlTables } from '@tributary/control';
import { KafkaConnection } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { KafkaModule } from '@tributary/processing';
import { CLOCK, CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { ControlLifecycle } from './control-lifecycle.js';
import { ControlLog } from './control-log.js';
import { DefinitionChanges } from './definition-changes.js';
import { KINDS } from './kinds.js';

const database = {
  provide: Database,
  inject: [CONFIG],
  useFactory: (config: ApiConfig) => new Database<ControlTables>(config),
};

const controlPlane = {
  provide: ControlPlane,
  inject: [Database, KafkaConnection, CONFIG, LOGGER, CLOCK],
  useFactory: async (
    made: Database<ControlTables>,
    connection: KafkaConnection,
    config: ApiConfig,
    logger: Logger,
    clock: Clock,
  ) =>
    new ControlPlane({
      database: made,
      connection,
      secrets: new Secrets(await secretKeys(config)),
      workspace: config.TRIBUTARY_WORKSPACE,
      kinds: KINDS,
      replication: config.KAFKA_REPLICATION,
      logger,
      now: () => clock.now(),
    }),
};

/** Where definitions live, and the way of what follows from them. */
@Module({
  imports: [KafkaModule.register({ clientId: 'api' })],
  providers: [database, controlPlane, ControlLifecycle, ControlLog, DefinitionChanges],
  exports: [Database, ControlPlane, ControlLog, DefinitionChanges],
})
export class ControlModule {}
