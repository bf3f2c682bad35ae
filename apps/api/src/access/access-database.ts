import { Inject, Injectable } from '@nestjs/common';
import { Database, type ControlTables, type Statements } from '@tributary/control';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { AccessTables } from './access.tables.js';
import { writeDown, type AuditEntry } from './audit/audit-entry.js';

/** What is kept of who may do what: the tables, in this workspace, with the audit log. */
@Injectable()
export class AccessDatabase {
  readonly workspace: string;
  readonly database: Database<AccessTables>;

  constructor(
    database: Database<ControlTables>,
    @Inject(CONFIG) config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.workspace = config.TRIBUTARY_WORKSPACE;
    this.database = database.withTables<AccessTables>();
  }

  get now(): number {
    return this.clock.now();
  }

  async writeDown(statements: Statements<AccessTables>, entry: Omit<AuditEntry, 'at'>): Promise<void> {
    await writeDown(statements, this.workspace, { at: this.now, ...entry });
  }
}
