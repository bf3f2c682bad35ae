import { Injectable } from '@nestjs/common';
import { toInstant } from '@tributary/kernel';
import type { Database, Statements } from '@tributary/control';
import { sql, type Selectable } from 'kysely';
import { AccessDatabase } from '../access/access-database.js';
import type { ShownRequest } from './privacy.dto.js';
import type { PrivacyTables, Progress, Receipt, RequestStatus } from './privacy.tables.js';

export type RequestRow = Selectable<PrivacyTables['privacy_requests']>;

/** What a turn of the worker made of a request. */
export interface Turn {
  readonly status: RequestStatus;
  readonly progress: Progress | null;
  readonly receipts: readonly Receipt[];
  readonly waitsFor: string | null;
  /** Until the next turn. */
  readonly pauseMs: number;
  /** Whether its identifiers are needed no more. */
  readonly isForgotten: boolean;
}

const LEASE = sql`interval '30 seconds'`;

/** The requests in the database; a process that works on one has it for 30 seconds, or as long as it says so again. */
@Injectable()
export class RequestsStore {
  constructor(private readonly access: AccessDatabase) {}

  get database(): Database<PrivacyTables> {
    return this.access.database.withTables<PrivacyTables>();
  }

  /** One of the workspace that the caller's request is about. */
  async find(id: string, workspace: string): Promise<RequestRow | undefined> {
    return this.database.run((statements) =>
      statements
        .selectFrom('privacy_requests')
        .selectAll()
        .where('workspace', '=', workspace)
        .where('id', '=', id)
        .executeTakeFirst(),
    );
  }

  /** Takes one that is due and that nobody has, for this worker. */
  async claim(worker: string): Promise<RequestRow | undefined> {
    const { rows } = await this.database.run((statements) =>
      sql<RequestRow>`
        UPDATE privacy_requests SET status = 'running', leased_by = ${worker}, leased_until = now() + ${LEASE}
        WHERE id = (
          SELECT id FROM privacy_requests
          WHERE status IN ('accepted', 'running') AND due_at <= now()
            AND (leased_until IS NULL OR leased_until < now())
          ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING *`.execute(statements),
    );
    return rows[0];
  }

  /** Goes on having it; answers whether this worker still does. */
  async renew(id: string, worker: string): Promise<boolean> {
    const { rows } = await this.database.run((statements) =>
      sql`UPDATE privacy_requests SET leased_until = now() + ${LEASE}
          WHERE id = ${id} AND leased_by = ${worker} RETURNING id`.execute(statements),
    );
    return rows.length > 0;
  }

  /** Keeps what a turn came to, and lets go; nothing where another has it by now. */
  async keep({ id }: RequestRow, worker: string, turn: Turn): Promise<void> {
    const isEnded = turn.status === 'done' || turn.status === 'failed';
    await this.database.run((statements) =>
      sql`
        UPDATE privacy_requests SET
          status = ${turn.status}, progress = ${turn.progress && JSON.stringify(turn.progress)}::json,
          receipts = ${JSON.stringify(turn.receipts)}::json, waits_for = ${turn.waitsFor}, failures = 0,
          identifiers = CASE WHEN ${turn.isForgotten} THEN NULL ELSE identifiers END,
          profiles = CASE WHEN ${turn.isForgotten} THEN NULL ELSE profiles END,
          updated_at = now(), done_at = CASE WHEN ${isEnded} THEN now() END,
          due_at = now() + ${turn.pauseMs} * interval '1 millisecond', leased_by = NULL, leased_until = NULL
        WHERE id = ${id} AND leased_by = ${worker}`.execute(statements),
    );
  }

  /** Tries again later, each time a little later, for a day; then it has failed. */
  async putOff(
    { id, failures }: RequestRow,
    worker: string,
    why: string,
    mostFailures: number,
  ): Promise<void> {
    const status = failures + 1 >= mostFailures ? 'failed' : 'running';
    const pauseMs = Math.min(60_000, 500 * 2 ** Math.min(failures, 10));
    await this.database.run((statements) =>
      sql`
        UPDATE privacy_requests SET
          status = ${status}, failures = failures + 1, waits_for = ${why.slice(0, 500)}, updated_at = now(),
          due_at = now() + ${pauseMs} * interval '1 millisecond', leased_by = NULL, leased_until = NULL
        WHERE id = ${id} AND leased_by = ${worker}`.execute(statements),
    );
  }

  /** Drops the identifiers of exports that nobody fetches any more; answers of how many. */
  async expireExports(olderThanMs: number): Promise<number> {
    const { rows } = await this.database.run((statements) =>
      sql`UPDATE privacy_requests SET identifiers = NULL, profiles = NULL
          WHERE type = 'export' AND identifiers IS NOT NULL AND status IN ('done', 'failed')
            AND created_at < now() - ${olderThanMs} * interval '1 millisecond' RETURNING id`.execute(
        statements,
      ),
    );
    return rows.length;
  }
}

/** The same transaction, as one who uses the table of requests sees it. */
export function withRequests(statements: unknown): Statements<PrivacyTables> {
  return statements as Statements<PrivacyTables>;
}

export function shownRequest(row: RequestRow): ShownRequest {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    digests: row.digests,
    identifiers: row.identifiers,
    until: row.progress?.until ?? null,
    waitsFor: row.waits_for,
    receipts: row.receipts,
    author: row.author,
    reason: row.reason,
    createdAt: toInstant(row.created_at.getTime()),
    updatedAt: toInstant(row.updated_at.getTime()),
    doneAt: row.done_at && toInstant(row.done_at.getTime()),
  };
}
