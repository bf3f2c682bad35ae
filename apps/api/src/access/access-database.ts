import { Inject, Injectable } from '@nestjs/common';
import { Database, type ControlTables, type Statements } from '@tributary/control';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import type { AccessTables } from './access.tables.js';
import { writeDown, type AuditEntry } from './audit/audit-entry.js';

/** What is kept of who may do what: the tables, in the workspace that the request is about, with the audit log. */
@Injectable()
export class AccessDatabase {
  readonly database: Database<AccessTables>;

  constructor(
    database: Database<ControlTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.database = database.withTables<AccessTables>();
  }

  get workspace(): string {
    return currentWorkspace();
  }

  get now(): number {
    return this.clock.now();
  }

  async writeDown(statements: Statements<AccessTables>, entry: Omit<AuditEntry, 'at'>): Promise<void> {
    await writeDown(statements, this.workspace, { at: this.now, ...entry });
  }
}
