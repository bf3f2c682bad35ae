import { Module } from '@nestjs/common';
import {
  ControlPlane,
  Database,
  Secrets,
  secretKeys,
  type ControlTables,
  type OnChange,
} from '@tributary/control';
import { KafkaConnection } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { KafkaModule } from '@tributary/processing';
import { CLOCK, CONFIG, LOGGER, type Logger } from '@tributary/service';
import { ACCESS_MIGRATIONS } from '../access/access.migrations.js';
import { auditChange } from '../access/audit/audit-change.js';
import type { ApiConfig } from '../api.config.js';
import { PRIVACY_MIGRATIONS } from '../privacy/privacy.migrations.js';
import { SCORES_MIGRATIONS } from '../scores/scores.migrations.js';
import { SCORE_BORDERS } from '../traits/trait.kind.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { quotaGuard } from '../workspaces/quotas.js';
import { WORKSPACES } from '../workspaces/workspace.kind.js';
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
      workspaceOf: currentWorkspace,
      workspaces: WORKSPACES,
      kinds: KINDS,
      migrations: [...ACCESS_MIGRATIONS, ...PRIVACY_MIGRATIONS, ...SCORES_MIGRATIONS],
      onChange: inTurn(quotaGuard(config), auditOfPeople),
      replication: config.KAFKA_REPLICATION,
      logger,
      now: () => clock.now(),
    }),
};

/** What the platform computes anew each day is nobody's doing. */
const auditOfPeople: OnChange = async (statements, change) => {
  if (change.kind !== SCORE_BORDERS.name) await auditChange(statements, change);
};

function inTurn(...hooks: readonly OnChange[]): OnChange {
  return async (statements, change) => {
    for (const hook of hooks) await hook(statements, change);
  };
}

/** Where definitions live, and the way of what follows from them. */
@Module({
  imports: [KafkaModule.register({ clientId: 'api' })],
  providers: [database, controlPlane, ControlLifecycle, ControlLog, DefinitionChanges],
  exports: [Database, ControlPlane, ControlLog, DefinitionChanges],
})
export class ControlModule {}
