import { Injectable } from '@nestjs/common';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import { sql, type Selectable } from 'kysely';
import type { ApiFailure } from '../../http/api.errors.js';
import { keyBefore, NO_CURSOR, pageOf, type ListScope, type Page } from '../../http/page.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import type { AuditFilters, AuditQuery, ShownAuditEntry } from './audit.dto.js';

const EXPORTED_AT_ONCE = 500;

/** Who wrote what, and when. */
@Injectable()
export class AuditService {
  constructor(private readonly access: AccessDatabase) {}

  /** The latest first. */
  async list({ limit, cursor, ...filters }: AuditQuery): Promise<Result<Page<ShownAuditEntry>, ApiFailure>> {
    const scope: ListScope = { list: 'audit', filter: filters };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    if (!/^\d*$/.test(after.value)) return failed(NO_CURSOR);
    const entries = await this.#read(this.access.workspace, filters, limit + 1, after.value);
    return ok(pageOf(entries, limit, scope, ({ seq }) => String(seq)));
  }

  /** All of them, the latest first, a line of JSON each. */
  export(filters: AuditFilters): AsyncGenerator<string> {
    // It is read when the request that asked for it has been handled.
    return this.#export(this.access.workspace, filters);
  }

  async *#export(workspace: string, filters: AuditFilters): AsyncGenerator<string> {
    let before = '';
    for (;;) {
      const entries = await this.#read(workspace, filters, EXPORTED_AT_ONCE, before);
      if (entries.length > 0) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (entries.length < EXPORTED_AT_ONCE) return;
      before = String(entries.at(-1)?.seq);
    }
  }

  async #read(
    workspace: string,
    filters: AuditFilters,
    limit: number,
    before: string,
  ): Promise<readonly ShownAuditEntry[]> {
    const { author, action, kind, subject, from, to } = filters;
    const rows = await this.access.database.run((statements) => {
      let query = statements.selectFrom('audit').selectAll().where('workspace', '=', workspace);
      if (before !== '') query = query.where('seq', '<', before);
      if (author !== undefined) query = query.where(sql<boolean>`author ->> 'id' = ${author}`);
      if (action !== undefined) query = query.where('action', '=', action);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (from !== undefined) query = query.where('at', '>=', new Date(from));
      if (to !== undefined) query = query.where('at', '<', new Date(to));
      return query.orderBy('seq', 'desc').limit(limit).execute();
    });
    return rows.map(shown);
  }
}

function shown(row: Selectable<AccessTables['audit']>): ShownAuditEntry {
  return {
    seq: Number(row.seq),
    at: toInstant(row.at.getTime()),
    author: row.author,
    action: row.action,
    kind: row.kind,
    subject: row.subject,
    version: row.version === null ? null : Number(row.version),
    before: row.before as Record<string, unknown> | null,
    after: row.after as Record<string, unknown> | null,
    reason: row.reason,
  };
}
