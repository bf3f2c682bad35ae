import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ControlPlane, DatabaseAwayError, lock, type Principal } from '@tributary/control';
import { toInstant } from '@tributary/kernel';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import { sql } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiConfig } from '../../api.config.js';
import { AccessDatabase } from '../access-database.js';
import { writeDown } from './audit-entry.js';

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const TRY_AGAIN_MS = 1_000;
const AT_ONCE = 5_000;
const RETENTION: Principal = { id: 'retention', kind: 'system', name: 'Retention' };

/** Removes what is older in the audit log than the settings say, and writes down that it did. */
@Injectable()
export class AuditRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #ending = new AbortController();

  constructor(
    private readonly access: AccessDatabase,
    private readonly plane: ControlPlane,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.API_AUDIT_DAYS === undefined) return;
    void this.#run().catch((error: unknown) => {
      if (!this.#ending.signal.aborted) this.logger.error({ err: error }, 'the audit log is not shortened');
    });
  }

  onApplicationShutdown(): void {
    this.#ending.abort();
  }

  /** Answers how many entries of all workspaces went. @throws DatabaseAwayError */
  async remove(): Promise<number> {
    const { API_AUDIT_DAYS: days } = this.config;
    if (days === undefined) return 0;
    const before = new Date(this.access.now - days * DAY_MS);
    for (let removed = 0; ;) {
      const some = await this.#removeSome(before);
      removed += some;
      if (some < AT_ONCE) return removed;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (;;) {
      const isDone = this.plane.isPrepared && (await this.remove().then(() => true, unlessAway));
      await delay(isDone ? EVERY_MS : TRY_AGAIN_MS, undefined, { signal, ref: false });
    }
  }

  async #removeSome(before: Date): Promise<number> {
    return this.access.database.transaction(async (statements) => {
      await lock(statements, 'tributary.audit-retention');
      // The trigger lets nobody remove without it, and nothing of the last thirty days with it.
      await sql`SELECT set_config('tributary.audit_retention', 'on', true)`.execute(statements);
      const rows = await statements
        .deleteFrom('audit')
        .where('seq', 'in', (of) =>
          of.selectFrom('audit').select('seq').where('at', '<', before).orderBy('at').limit(AT_ONCE),
        )
        .returning('workspace')
        .execute();
      const counts = new Map<string, number>();
      for (const { workspace } of rows) counts.set(workspace, (counts.get(workspace) ?? 0) + 1);
      for (const [workspace, entries] of counts)
        await writeDown(statements, workspace, {
          at: this.access.now,
          author: RETENTION,
          action: 'removed',
          kind: 'audit',
          subject: 'audit',
          after: { entries, before: toInstant(before.getTime()) },
        });
      return rows.length;
    });
  }
}

function unlessAway(error: unknown): false {
  if (error instanceof DatabaseAwayError) return false;
  throw error;
}
